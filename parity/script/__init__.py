"""A user's own script in real tf.keras and on minikeras: where do the two part?

    python -m parity SCRIPT.py [-- ARGUMENTS OF THE SCRIPT]

processes   runs the script in each library, each time in a process of its own
worker      a process that records many scripts, the library imported once
record      what such a process does: seed, hooks, the script
hooks       where the libraries are listened to
recorder    what is noted down, and when
shake       a run from numbers that are a few roundings off
spread      how far rounding alone moves a tensor
compare     walks two recordings up to the first place where they part
report      the table and the sentence
"""
