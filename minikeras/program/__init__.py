"""A step learned by doing it once: a flat Python function of NumPy calls.

Who does what, in the order in which to read it (docs/training_step.md shows what
comes out):
* stand_in.py: an array that notes what is done with it;
* lines.py: the notes, line by line, and how each is written;
* trace.py: all notes of a step, with its ops, variables and draws;
* clean.py: the same with fewer lines; work.py: which of them run at the same time;
* text.py, constants.py: the lines as the text of a function;
* learn.py: from a step to its Program; cache.py: which Program may run, and when;
* export.py: a file that needs NumPy alone.
"""
