"""What the operator is: its integers (`geometry`), its definitions (`reference`), its kernels.

`reference` is what every faster way of computing the operator must equal.
"""
