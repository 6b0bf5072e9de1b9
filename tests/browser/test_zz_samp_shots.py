import os
from tests.browser.test_sampling import PAGES, coach, judge_first
import pytest
@pytest.mark.browser
def test_shots(person, coach):
    cleo=person(coach); judge_first(cleo)
    out='/tmp/samp_shots'; os.makedirs(out,exist_ok=True)
    for path in PAGES:
        cleo.open(path)
        for w,h,theme in ((1280,900,'light'),(320,800,'dark')):
            cleo.page.set_viewport_size({"width":w,"height":h}); cleo.page.emulate_media(color_scheme=theme)
            cleo.page.screenshot(path=f"{out}/{path.strip('/').replace('/','_')}_{w}.png", full_page=True)
