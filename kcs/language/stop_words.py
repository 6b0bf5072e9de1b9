"""Words that tell no article from another, folded. How, why, not, what, when, where, who and which do."""

from __future__ import annotations

_SMALL = {
    "en": """
        a an the this that these those i me my mine we us our you your he him his she her it its they
        them their am is are was were be been being do does did have has had will would shall should can
        could may might must to of in on at by for from with into about as and or but if than then so
        there here also just very
    """,
    "es": """
        el la los las un una unos unas lo al del yo me mi mis tu te ti su sus se nos nosotros nuestro
        nuestra ello ellos ella ellas le les usted ustedes que este esta estos estas ese esa eso esto de
        a en con por para sobre entre desde hasta y e o u pero si ya muy mas es son era fue ser esta
        estan estoy he ha han hay haber
    """,
    "fr": """
        le la les l un une des du de d au aux je j me m mon ma mes tu te t ton ta tes il elle on se s
        son sa ses nous notre nos vous votre vos ils elles leur leurs ce c cet cette ces qui que qu y en
        dans sur sous par pour avec chez a et ou mais donc si est sont ete etre etait ai as avons avez
        ont avait suis tres plus
    """,
    "de": """
        der die das den dem des ein eine einen einem einer eines ich mich mir mein meine meinen meiner
        du dich dir er sie es ihn ihm ihr ihre ihren wir uns unser unsere sich dies diese dieser dieses
        dass und oder aber auch in im an am auf aus bei beim mit nach von vom zu zum zur fur uber um ist
        sind war waren sein bin habe hat haben hatte wird werden wurde kann konnen so noch schon sehr
    """,
    "pt": """
        o a os as um uma uns umas ao aos do da dos das no na nos nas num numa pelo pela eu me meu minha
        meus minhas voce voces ele ela eles elas se seu sua seus suas nosso nossa isto isso este esta
        esse essa aquele que de em com por para sobre entre ate e ou mas ja muito mais e sao era foi ser
        estar estou esta estao tem tenho ha havia
    """,
    "it": """
        il lo la i gli le l un uno una di a da in con su per tra fra del dello della dei degli delle al
        allo alla ai agli alle dal dalla dai nel nella nei nelle sul sulla io mi mio mia miei mie tu ti
        tuo tua lui lei si suo sua ci noi nostro nostra voi vi vostro loro questo questa questi che e ed
        o ma se anche piu molto e sono era essere sia ho ha hai hanno abbiamo
    """,
    "nl": """
        de het een dit dat deze die ik mij me mijn je jij jou jouw u uw hij hem zijn zij ze haar wij we
        ons onze jullie hun van in op aan bij voor door met naar uit over om te tot en of maar als dan
        ook er hier is ben bent was waren wordt worden werd heb heeft hebben had kan kunnen zal zou al
        nog zo zeer
    """,
    "id": """
        saya aku kami kita anda kamu dia ia mereka nya ini itu tersebut yang dan atau tetapi tapi serta
        dengan untuk dari di ke pada dalam oleh kepada sebagai tentang adalah ialah akan telah sudah
        sedang bisa dapat ada juga lagi saja hanya jika kalau agar supaya maka pun lah para sebuah
        seorang suatu sangat lebih
    """,
    "he": """
        אני אתה את אנחנו אתם אתן הוא היא הם הן שלי שלך שלו שלה שלנו שלכם שלהם לי לך לו לה לנו לכם להם
        אותי אותך אותו אותה אותנו זה זו זאת אלה אלו של על אל עם מן בין או אבל גם כי אם רק כל יש היה היתה
        היו יהיה להיות אשר כבר עוד מאוד יותר
    """,
}
STOP_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(small.split()) for language, small in _SMALL.items()
}

_POLITE = """
    hello hi hey dear greetings please pls thanks thank thx ty cheers regards sincerely kindly
    welcome appreciate appreciated grateful sorry hola estimado estimada estimados favor gracias
    saludos saludo cordiales atentamente ola prezado prezada obrigado obrigada cumprimentos abracos
    atenciosamente ciao buongiorno salve gentile grazie saluti cordiali bonjour bonsoir salut merci
    cordialement svp veuillez hallo moin liebe lieber geehrte geehrter bitte danke dank vielen gruss
    grusse grussen mfg dag beste geachte alstublieft graag bedankt groet groeten vriendelijke halo
    selamat pagi siang sore malam mohon tolong terima kasih terimakasih hormat salam שלום היי בבקשה
    תודה רבה בברכה אנא
"""
POLITE_WORDS: frozenset[str] = frozenset(_POLITE.split())
