"""How the waits between tries grow."""

from telemarketing.backoff import Backoff


def test_waits_double_up_to_the_longest() -> None:
    """Each wait is twice the one before, until the limit."""
    backoff = Backoff(1, 10, dice=lambda: 0)

    assert [backoff.next_s() for _ in range(6)] == [1, 2, 4, 8, 10, 10]


def test_dice_shorten_a_wait_by_half_at_most() -> None:
    """Jitter spreads the tries without making any of them hasty."""
    backoff = Backoff(8, 8, dice=lambda: 1)

    assert backoff.next_s() == 4


def test_what_held_begins_again() -> None:
    """A connection that held longer than the wait to come makes the waits short again."""
    backoff = Backoff(1, 60, dice=lambda: 0)
    for _ in range(4):
        backoff.next_s()
    backoff.worked_for(15)
    assert backoff.next_s() == 16

    backoff.worked_for(32.5)
    assert backoff.next_s() == 1


def test_success_begins_again() -> None:
    """After a success the next wait is the first one, however short it was."""
    backoff = Backoff(1, 60, dice=lambda: 0)
    for _ in range(4):
        backoff.next_s()
    backoff.begin_again()
    assert backoff.next_s() == 1
