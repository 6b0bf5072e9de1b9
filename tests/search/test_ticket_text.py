"""A ticket's text made ready: the customer's words stay, what mail programs and courtesy add goes."""

from __future__ import annotations

import pytest

from kcs.search.ticket_text import readable, ready


def case(*texts: str) -> tuple[str, ...]:
    """A row of a table below: what comes in, and last what is left of it."""
    return texts


TICKETS = {
    "English, Gmail top posting": case(
        "Re: [Ticket #4711] Invoice",
        "Hi Support Team,\n\nThe invoice PDF is still empty.\n\nKind regards,\nJoe Bloggs\nAcme Ltd\n"
        "+44 20 7946 0000\n\n"
        "On Mon, Jan 6, 2025 at 10:11 AM Support <help@example.com> wrote:\n> Please try again.\n>\n> Anna",
        "Invoice\n\nThe invoice PDF is still empty.",
    ),
    "English, Outlook header below": case(
        "RE: FW: Login fails",
        "Login fails with AADSTS50011 since Monday.\r\n\r\nThanks\r\nJane\r\n\r\n"
        "________________________________\r\n"
        "From: Support <help@example.com>\r\nSent: Monday, January 6, 2025 10:11\r\nTo: Jane\r\n"
        "Subject: Login\r\n\r\n"
        "Have you tried the other browser?",
        "Login fails with AADSTS50011 since Monday.",
    ),
    "an answer below the quote": case(
        "",
        "On 6 Jan 2025, at 10:11, Support wrote:\n\n> Which version?\n> Anna\n\nVersion 10.4 on Windows 11.",
        "Version 10.4 on Windows 11.",
    ),
    "answers between the quotes": case(
        "",
        "> Which version?\n\n10.4\n\n> Which browser?\n\nFirefox",
        "10.4\n\nFirefox",
    ),
    "forwarded and nothing else": case(
        "Fwd: Export",
        "---------- Forwarded message ---------\nFrom: Bob <bob@example.com>\nDate: Mon, 6 Jan 2025\n"
        "Subject: Export\n"
        "To: <help@example.com>\n\nThe export stops at 99 %.",
        "Export\n\nThe export stops at 99 %.",
    ),
    "attribution over two lines": case(
        "",
        "Still broken.\n\nOn Mon, 6 Jan 2025 at 10:11, Some Very Long Name of a Person\n"
        "<help@example.com> wrote:\n\n> old",
        "Still broken.",
    ),
    "a device and a disclaimer": case(
        "",
        "App crashes on start.\n\nSent from my iPhone\n\n"
        "This email and any attachments are confidential and intended solely for "
        "the addressee. If you are not the intended recipient, please notify the sender and delete this "
        "message.",
        "App crashes on start.",
    ),
    "a postscript and a code below the closing stay": case(
        "",
        "The sync stops.\n\nRegards\nJoe\nP.S. it says ERR_SYNC_42",
        "The sync stops.\n\nP.S. it says ERR_SYNC_42",
    ),
    "Spanish": case(
        "RV: Factura",
        "Buenas tardes:\n\nNo puedo descargar la factura de marzo.\n\nMuchas gracias de antemano.\n\n"
        "Un saludo,\nMaría Pérez\n"
        "Tel.: +34 600 000 000\n\n"
        "El lun, 6 ene 2025 a las 10:11, Soporte (<ayuda@example.com>) escribió:\n> Hola",
        "Factura\n\nNo puedo descargar la factura de marzo.",
    ),
    "German": case(
        "AW: WG: Anmeldung",
        "Sehr geehrte Damen und Herren,\n\nseit dem Update auf 2.3.1 kann ich mich nicht anmelden.\n\n"
        "Mit freundlichen Grüßen\nMax Mustermann\nMusterstraße 1\n12345 Berlin\n\nVon: Support\n"
        "Gesendet: Montag, 6. Januar 2025\n"
        "An: Max\nBetreff: Anmeldung\n\nBitte versuchen Sie es erneut.",
        "Anmeldung\n\nseit dem Update auf 2.3.1 kann ich mich nicht anmelden.",
    ),
    "French": case(
        "TR : Mot de passe",
        "Bonjour,\n\nJe n'arrive pas à réinitialiser mon mot de passe.\n\nMerci d'avance,\n"
        "Cordialement,\nLuc\n\n"
        "Le lun. 6 janv. 2025 à 10:11, Support <aide@example.com> a écrit :\n\n> Bonjour",
        "Mot de passe\n\nJe n'arrive pas à réinitialiser mon mot de passe.",
    ),
    "Indonesian": case(
        "Pembayaran",
        "Selamat siang,\n\nPembayaran saya gagal dengan kode 0x80070005.\n\nTerima kasih,\nBudi\n\n"
        "Pada Sen, 6 Jan 2025 pukul 10.11 Bantuan <bantuan@example.com> menulis:\n\n> Halo",
        "Pembayaran saya gagal dengan kode 0x80070005.",
    ),
    "Hebrew": case(
        "תשובה: התחברות",
        "שלום רב,\n\nאני לא מצליח להתחבר לחשבון שלי.\n\nתודה רבה,\nדני\n\n"
        "\u202bבתאריך יום ב׳, 6 בינו׳ 2025 ב-10:11 מאת \u202aתמיכה\u202c\u200f "
        "<\u202ahelp@example.com\u202c\u200f>:\u202c\n\n> שלום",
        "התחברות\n\nאני לא מצליח להתחבר לחשבון שלי.",
    ),
    "Japanese": case(
        "Re: ログイン",
        "お世話になっております。\n\nログインできません。エラー 502 が出ます。\n\n"
        "よろしくお願いいたします。\n山田太郎\n\n"
        "2025年1月6日(月) 10:11 サポート <help@example.com>:\n\n> ご連絡ありがとうございます",
        "ログイン\n\nログインできません。エラー 502 が出ます。",
    ),
    "the greeting ahead of a sentence": ("", "Hi team, the app crashes.", "the app crashes."),
    "thanks that carry more": case(
        "",
        "Thanks, but it still fails with code 42",
        "Thanks, but it still fails with code 42",
    ),
    "thanks ahead of the problem": ("", "Hi,\nThanks\nMy printer prints blank", "My printer prints blank"),
    "a question about unsubscribing": case(
        "",
        "How do I unsubscribe from the newsletter?",
        "How do I unsubscribe from the newsletter?",
    ),
    "a German notice": case(
        "",
        "Der Export bricht ab.\n\n"
        "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat "
        "sind, informieren Sie bitte den Absender und vernichten Sie diese Mail.",
        "Der Export bricht ab.",
    ),
    "a Hebrew notice": case(
        "", "הייצוא נכשל.\n\nהודעה זו סודית ומיועדת לנמען בלבד. אם קיבלת אותה בטעות, אנא מחק.", "הייצוא נכשל."
    ),
    "a word of the lawyers alone": (
        "",
        "How do I mark a message confidential so that the recipient cannot forward it to others?",
        "How do I mark a message confidential so that the recipient cannot forward it to others?",
    ),
    "thanks and nothing else": ("", "The app crashes.\nThank you so much for your help!", "The app crashes."),
    "thanks that tell a long story": case(
        "",
        "The app crashes.\nThanks to the update it is slower as well on all the machines we have here.",
        "The app crashes.\nThanks to the update it is slower as well on all the machines we have here.",
    ),
    "a footer": ("", "It is broken.\n\nTo unsubscribe from these emails click here", "It is broken."),
    "a desk's line": ("", "##- Please type your reply above this line -##\n\nIt is broken.", "It is broken."),
    "a subject the body repeats": case(
        "Cannot log in",
        "Cannot log in since Monday",
        "Cannot log in since Monday",
    ),
    "only a subject": ("Re: Cannot log in", "", "Cannot log in"),
    "nothing but courtesy is kept": ("", "Hello!", "Hello!"),
    "nothing": ("", " \n", ""),
    "lines said before": ("", "It fails.\nPlease look.\nIt fails.\nit  FAILS.", "It fails.\nPlease look."),
    "prompts are no quotes": case(
        "",
        "I typed\n>>> import app\nand it hung",
        "I typed\n>>> import app\nand it hung",
    ),
}


@pytest.mark.parametrize(("subject", "body", "expected"), TICKETS.values(), ids=TICKETS)
def test_ready(subject: str, body: str, expected: str) -> None:
    assert ready(subject, body) == expected


STAY = {
    "a form with from and to": "From: Berlin\nTo: Paris\nDate: 3 May\nThe booking fails",
    "a rule of dashes": "It fails.\n---\nVersion: 10.4\nSystem: Windows 11",
    "thanks with a question in it": "Order 17\nThanks for the refund and when will it arrive",
    "what was sent": "A payment is missing\nSent from my account to my wife",
    "the page it is about": "This page is empty:\nhttps://example.com/a",
    "a device it is about": "It fails\nPhone: iPhone 12",
    "how to, in Indonesian": "Cara reset kata sandi, mohon info",
    "a comparison": "5 > 3 is shown as false\nwhy",
}


@pytest.mark.parametrize("body", STAY.values(), ids=STAY)
def test_what_only_looks_like_mail_stays(body: str) -> None:
    assert readable(body) == body


HEADINGS = [
    "On Mon, Jan 6, 2025 at 10:11 AM Support <help@example.com> wrote:",
    "On 6 Jan 2025, at 10:11, Support Team wrote:",
    "Am 06.01.2025 um 10:11 schrieb Support <help@example.com>:",
    "Am Mo., 6. Jan. 2025 um 10:11 Uhr schrieb Support Team:",
    "El lun, 6 ene 2025 a las 10:11, Soporte (<help@example.com>) escribió:",
    "Le 06/01/2025 à 10:11, Support a écrit :",
    "Il giorno lun 6 gen 2025 alle ore 10:11 Support ha scritto:",
    "Em seg., 6 de jan. de 2025 às 10:11, Suporte escreveu:",
    "Op ma 6 jan 2025 om 10:11 schreef Support:",
    "W dniu 06.01.2025 o 10:11, Wsparcie pisze:",
    "Den mån 6 jan. 2025 kl 10:11 skrev Support:",
    "Pada tanggal Sen, 6 Jan 2025 pukul 10.11 Bantuan menulis:",
    "6 января 2025 г., 10:11, Поддержка написал(а):",
    "2025年1月6日(月) 10:11 サポート <help@example.com>:",
    "在 2025年1月6日 10:11，支持 写道：",
    "2025년 1월 6일 (월) 오전 10:11, 지원 <help@example.com>님이 작성:",
    "-----Original Message-----",
    "-------- Weitergeleitete Nachricht --------",
    "-----Mensaje original-----",
    "----- Message d'origine -----",
    "-----הודעה מקורית-----",
    "From: Support <help@example.com>\nSent: Monday\nTo: Jane",
    "Von: Support\nGesendet: Montag\nAn: Max\nBetreff: Export",
    "De : Support\nEnvoyé : lundi\nÀ : Luc\nObjet : Export",
    "差出人: サポート\n送信日時: 2025年1月6日\n宛先: 山田\n件名: 出力",
    "מאת: תמיכה\nנשלח: יום שני\nאל: דני\nנושא: ייצוא",
]


@pytest.mark.parametrize("heading", HEADINGS)
def test_all_below_the_heading_of_a_quoted_mail_goes(heading: str) -> None:
    assert readable(f"My own words.\n\n{heading}\n\nold words\nmore of them") == "My own words."
    assert readable(f"{heading}\n\n> old words\n\nMy answer below.") == "My answer below."


FOLDED = {
    "Java": case(
        "It crashed:\njava.lang.IllegalStateException: no session\n"
        "\tat java.base/java.util.Map.of(Map.java:1)\n"
        "\tat com.acme.shop.Cart.add(Cart.java:42)\n"
        "\tat org.springframework.web.Servlet.run(Servlet.java:9)\n"
        "Caused by: java.io.IOException: ERR_DISK_7\n\tat sun.nio.ch.Net.bind(Native Method)\n"
        "\t... 12 more\nHelp",
        "It crashed:\njava.lang.IllegalStateException: no session\nat com.acme.shop.Cart.add(Cart.java:42)\n"
        "Caused by: java.io.IOException: ERR_DISK_7\nat sun.nio.ch.Net.bind(Native Method)\nHelp",
    ),
    "Python": case(
        'Traceback (most recent call last):\n  File "/srv/shop/cart.py", line 3, in add\n    save(item)\n'
        '  File "/usr/lib/python3/site-packages/db.py", line 9, in save\n    raise KeyError\n'
        "KeyError: 'price'",
        "File \"/srv/shop/cart.py\", line 3, in add\nKeyError: 'price'",
    ),
    "JavaScript": case(
        "TypeError: x is undefined\n    at render (https://app.example.com/cart.js:10:5)\n"
        "    at node:internal/main:1:2",
        "TypeError: x is undefined\nat render (https://app.example.com/cart.js:10:5)",
    ),
    "a log": case(
        "\n".join(f"2025-01-06 10:11:0{second} INFO step {second}" for second in range(6))
        + "\n2025-01-06 10:11:07 ERROR code E1024 disk full\n2025-01-06 10:11:08 ERROR code E1024 disk full",
        "ERROR code E1024 disk full",
    ),
    "a few dated lines are no log": ("2025-01-06 10:11:01 I called\nno answer", "I called\nno answer"),
    "a sentence is no frame": case(
        "it works\nat home\nat the office it fails",
        "it works\nat home\nat the office it fails",
    ),
    "a numbered list is no trace": ("#1 log in\n#2 press save", "#1 log in\n#2 press save"),
    "encoded data": ("See " + "aGVsbG8gd29ybGQ" * 20 + " above", "See  above"),
    "a long address": case(
        "It is at "
        "https://app.example.com/billing/invoices/9f8e7d6c5b4a39281706abcdefabcdef?session=abc&error=card_declined",
        "It is at app.example.com billing invoices card_declined",
    ),
    "a short address stays": ("see https://example.com/a", "see https://example.com/a"),
    "a long name stays": case(
        "FAILED_TO_LOAD_THE_" + "CUSTOMER_RECORD_" * 4 + "X fails",
        "FAILED_TO_LOAD_THE_" + "CUSTOMER_RECORD_" * 4 + "X fails",
    ),
}


@pytest.mark.parametrize(("body", "expected"), FOLDED.values(), ids=FOLDED)
def test_what_nobody_reads_is_folded(body: str, expected: str) -> None:
    assert readable(body) == expected


HTML = {
    "blocks are lines": ("<div>One <b>two</b></div><p>three&nbsp;four</p>", "One two\n\nthree four"),
    "code keeps its lines": ("<p>See</p><pre>a\n  b</pre>", "See\n\na\n  b"),
    "Gmail quote": case(
        '<div>Still broken</div><div class="gmail_quote"><div>On Mon, 6 Jan 2025 at 10:11 A '
        "&lt;a@b.c&gt; wrote:<br></div>"
        "<blockquote>old words</blockquote></div>",
        "Still broken",
    ),
    "a marked signature": ('<p>It fails</p><div class="gmail_signature">Joe<br>Acme</div>', "It fails"),
    "style and script": case(
        "<html><head><style>p {}</style></head><body><p>It fails</p><script>x()</script></body></html>",
        "It fails",
    ),
    "cells apart": ("<table><tr><td>Error</td><td>502</td></tr></table>", "Error 502"),
    "a tag somebody writes about": ("My <div> does not close\nwhy?", "My <div> does not close\nwhy?"),
    "broken": ("<div><p>It <b>fails</div></span>", "It fails"),
}


@pytest.mark.parametrize(("body", "expected"), HTML.values(), ids=HTML)
def test_html(body: str, expected: str) -> None:
    assert readable(body) == expected
