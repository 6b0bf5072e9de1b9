"""Facts of solved tickets and sums by day, made of the activity log so that reports need not read it whole.

All of it can be dropped and made again (`kcs metrics rebuild`) and then gives the same digits.
"""
