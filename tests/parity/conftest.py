collect_ignore = ["scripts", "faults"]  # to be run, not to be searched for tests
