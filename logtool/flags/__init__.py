"""Flags: take folded rows and what is known of the clocks, give findings of known problems.

In reading order: `rule` reads the rules, which are data (`rules/*.toml`), `conditions` turns their
words into expressions, `engine` finds the lines they hold on, `findings` groups and counts them
(`lives` tells whose a pid was), `clock_facts` and `audit` add what no single line of the log says.
"""
