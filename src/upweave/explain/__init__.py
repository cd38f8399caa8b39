"""How is it seen? Drawings and animations of the operator and of networks.

walkthroughs (what happens, step by step, as numbers from `upweave.ops.reference`) -> frames (grids
of numbers, with marks) -> drawing (matplotlib) -> animation, stills (files). boxes (the layers of a
network) -> diagram (matplotlib) -> stills.
"""
