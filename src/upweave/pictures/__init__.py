"""How upweave is used: pictures in, larger pictures out.

`files` reads and writes them, `colour` parts luma from chroma, `upscale` takes one picture through
one network, `models` lists the shipped networks, `metrics` and `scores` measure the result.
"""
