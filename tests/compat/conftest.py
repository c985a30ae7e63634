collect_ignore = ["tutorial"]  # scripts to be run, not modules to be searched for tests
