from minikeras import naming, random, utils
from minikeras.random.seed_generator import global_seed_generator


def test_names_start_anew():
    naming.auto_name("Dense")
    utils.clear_session()
    assert naming.auto_name("Dense") == "dense"


def test_the_global_generator_is_dropped_and_the_seed_kept():
    utils.set_random_seed(3)
    before = global_seed_generator()
    utils.clear_session(free_memory=False)
    assert global_seed_generator() is not before
    assert random.global_seed() == 3
