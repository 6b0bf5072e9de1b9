"""What lawyers and mail programs add: confidentiality notices, banners, unsubscribe footers."""

from __future__ import annotations

import re

from kcs.language import fold
from kcs.search.ticket_text.phrases import any_of

_SEEN = 1_500

# What lawyers say, folded. One or two of these a customer may write; a paragraph with three is theirs.
_SAID = {
    "en": """
        confidential; intended recipient; intended solely; intended only; privileged; addressee;
        disclos; in error; not the intended; unauthori; virus; notify the sender; disseminat;
        strictly prohibited; this email; this e-mail; this message; before printing;
        consider the environment; delete it; delete this; delete the
    """,
    "es": """
        confidencial; destinatari; privilegiad; prohibida; por error; este correo; este mensaje;
        medio ambiente; elimin
    """,
    "pt": """
        recebeu esta; por engano; proibida; esta mensagem; meio ambiente; apague
    """,
    "de": """
        vertraulich; adressat; empfanger; irrtumlich; unbefugt; nicht gestattet; diese e-mail;
        diese nachricht; vernichten; loschen sie; absender
    """,
    "fr": """
        confidentiel; destinataire; par erreur; usage exclusif; strictement; ce message; ce courriel;
        detruire; expediteur; divulgation
    """,
    "it": """
        riservat; erroneamente; per errore; vietat; questo messaggio; questa e-mail; destinatario
    """,
    "nl": """
        vertrouwelijk; geadresseerde; abusievelijk; niet de bedoelde; dit bericht; deze e-mail
    """,
    "id": """
        rahasia; penerima; dilarang; email ini; pesan ini; surel ini; pengirim; hapus
    """,
    "he": """
        חסוי; סודי; הנמען; לנמען; מיועד; בטעות; הודעה זו; דוא"ל זה; מייל זה; למחוק; למחקה; אסור
    """,
    "ja": """
        機密; 意図された; 受信者; 宛先; 誤って; 誤送信; 破棄; 削除; 禁じ; 禁止; 本メール
    """,
    "zh": """
        保密; 机密; 收件人; 禁止; 删除; 本邮件; 误收
    """,
    "ru": """
        конфиденциальн; адресат; получател; по ошибке; данное письмо; данное сообщение; удалит
    """,
}
_LEGAL = {
    language: tuple(said.strip() for said in all_said.split(";")) for language, all_said in _SAID.items()
}
_NEEDED = 3
_LEAST_LENGTH = 60
# Where words take fewer letters, three of them stand closer together.
_LEAST_LENGTH_DENSE = 20

# Lines that are a footer or a banner whoever wrote the rest.
_SURE = re.compile(
    any_of(
        {
            "subscriptions": r"""you(?:'re| are) receiving this (?:e-?mail|message|notification).{0,300}|
                (?:click here |to )(?:to )?unsubscribe\b.{0,200}|
                unsubscribe(?: (?:here|from this list|now))?(?: ?[|•·-].{0,200})?|
                if you no longer wish to receive .{0,200}|
                (?:view|read|open) (?:this (?:e-?mail|message) )?in (?:your|a) browser.{0,60}|
                manage (?:your )?(?:e-?mail |notification )?preferences.{0,200}""",
            "programs": r"""this is an automat(?:ed|ic) (?:message|e-?mail|reply).{0,200}|
                \[?(?:caution|warning|external)\]?[: -].{0,40}(?:external|outside|originated).{0,300}|
                \[external(?: e-?mail)?\]|virus-free\..{0,60}|(?:avast|avg) logo.{0,100}|
                #{1,3}-? ?please (?:type|write) your reply above.{0,100}|
                please do not (?:reply|respond) to this .{0,150}""",
            "es": r"(?:si (?:ya )?no desea|para) (?:recibir|darse de baja|cancelar (?:la|su) suscri).{0,200}",
            "fr": r"(?:pour (?:vous d(?:é|e)sabonner|ne plus recevoir)|se d(?:é|e)sabonner).{0,200}",
            "de": r"""(?:um sich abzumelden|vom newsletter abmelden|newsletter abbestellen).{0,200}|
                klicken sie hier, um sich abzumelden.{0,200}""",
            "pt": r"(?:para cancelar (?:a|sua) (?:inscri|assina)|cancelar inscri).{0,200}",
            "id": r"(?:untuk )?berhenti berlangganan.{0,200}",
            "he": r"להסרה(?: מרשימת התפוצה)?.{0,200}",
            "ja": r"(?:配信停止|登録解除|メール配信の停止).{0,100}",
            "zh": r"退订.{0,100}",
        }
    ),
    re.IGNORECASE,
)


def without_notices(text: str) -> str:
    """Return the text without paragraphs that are notices and lines that are footers or banners."""
    kept = [part for part in text.split("\n\n") if not _is_legal(part)]
    lines = [
        line for line in "\n\n".join(kept).split("\n") if not _SURE.fullmatch(line[:_SEEN].strip(" *_>\t\r"))
    ]
    return "\n".join(lines)


def _is_legal(paragraph: str) -> bool:
    seen = fold(paragraph[:_SEEN])
    if len(seen.strip()) < (_LEAST_LENGTH if seen.isascii() else _LEAST_LENGTH_DENSE):
        return False
    return any(sum(said in seen for said in language) >= _NEEDED for language in _LEGAL.values())
