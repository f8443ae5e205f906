"""Words for measuring the singer: a dozen songs of our own in plain English."""

from __future__ import annotations

from domain.score import LyricSection

_SONGS: tuple[tuple[str, str, str], ...] = (
    (
        "River Road",
        "I left my coat beside the water / The gravel sang beneath my feet / "
        "I wrote a letter to my daughter / And folded it in Sunday's sheet",
        "The river keeps its patience / And carries every name it knows / "
        "I will mend the old foundations / I will wait here for the snow",
    ),
    (
        "Night Bus",
        "The last bus leaves at half past seven / The driver knows me by my name / "
        "We pass the hospital and heaven / The windows running in the rain",
        "Take me home the longer way / Past the houses where we grew / "
        "I have nothing left to say / But I would say it all to you",
    ),
    (
        "Kitchen Radio",
        "My mother danced across the kitchen / The radio was always on / "
        "She never cared if we would listen / She knew the words to every song",
        "Turn it up and let it play / Let the neighbors hear us sing / "
        "All the bills can wait a day / We have everything we need",
    ),
    (
        "Signal Tower",
        "There is a tower on the hillside / It blinks in red the whole night through / "
        "I count the seconds by the roadside / And every second leads to you",
        "Send a signal send a spark / I am waiting by the phone / "
        "There is a light inside the dark / And it will bring the sailors home",
    ),
    (
        "Paper Boats",
        "We folded boats from yellow paper / And let them float along the street / "
        "You told me they would come back later / The water ran around our feet",
        "Little boats are far away / Sailing on without a crew / "
        "If they find a quiet bay / One of them belongs to you",
    ),
    (
        "Glass City",
        "The city wakes in glass and metal / The morning trains are running late / "
        "I watch the dust begin to settle / Behind an iron garden gate",
        "We are made of broken glass / We are shining in the sun / "
        "All the heavy days will pass / We have only just begun",
    ),
    (
        "Harvest Moon Hotel",
        "The old hotel is closed for winter / The keys are hanging on the wall / "
        "I pulled a tiny wooden splinter / And heard your footsteps in the hall",
        "Stay with me another night / Leave the engine in the cold / "
        "Every window had a light / Every story had been told",
    ),
    (
        "Slow Machine",
        "I built a slow machine for dreaming / From copper wire and summer air / "
        "It hums all night beneath the ceiling / And drops its music in my hair",
        "Run machine and never stop / Turn the silence into gold / "
        "Fill my pockets to the top / With the dreams that I can hold",
    ),
    (
        "Borrowed Car",
        "We drove a borrowed car to nowhere / The map was torn along the seam / "
        "You put a flower in your dark hair / And fell asleep inside a dream",
        "Keep the motor running low / Keep the ocean on the right / "
        "There is somewhere we can go / If we drive on through the night",
    ),
    (
        "First Frost",
        "The garden turned to white this morning / The apples fell without a sound / "
        "The winter came without a warning / And laid its blanket on the ground",
        "Hold my hands until they warm / Hold my heart until it slows / "
        "We will live beyond the storm / We will dance upon the snow",
    ),
    (
        "Empty Stadium",
        "I sang inside an empty stadium / The echo took a while to come / "
        "A thousand chairs were listening to me / The silence beating like a drum",
        "Is there anybody there / Is there anyone at all / "
        "I can feel you in the air / I can hear you when you call",
    ),
    (
        "Salt and Honey",
        "You taste of salt and summer honey / Your laughter fills the narrow room / "
        "We never had a lot of money / We had a table and a broom",
        "Give me salt and give me bread / Give me honey from the tree / "
        "All the tender words you said / Are the only wealth for me",
    ),
)


def titles() -> tuple[str, ...]:
    """Names of the songs."""
    return tuple(title for title, _, _ in _SONGS)


def words_of(number: int) -> tuple[LyricSection, ...]:
    """Verse and chorus of a song, counted from 0 and starting over after the last."""
    _, verse, chorus = _SONGS[number % len(_SONGS)]
    return tuple(
        LyricSection(section=name, lines=tuple(text.split(" / ")))
        for name, text in (("verse", verse), ("chorus", chorus))
    )
