"""Names that are words as well, so that a text with the word need not mean the person."""

from __future__ import annotations


def listed(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


# Alone, written with a capital where the script has them, such a part of a name is a soft finding.
COMMON_WORDS = listed(
    """
    abbey able ace adjust alert amber angel apple april archer art ash aspen august autumn baker ball
    bank banks barber basil bass bay beach bean bell best bill birch bird bishop black blank blaze bliss
    block blue bond book booth bow branch brand bridge bright brook brown buck bud bush butler buy cage
    call camp candy cane card carpenter cart case cash castle chance charity chase cherry chip christian
    church clay clear cliff close coin cole comfort cook corn court cove crane crisp cross crystal curry
    daily daisy dale dash dawn day dean dell destiny diamond divine dove downs drake draw drew drum duke
    earl early east echo eden elder ember english ever fair faith fall farmer fast field fields finder
    fine fish fisher flores flower ford forest forrest foster fountain fox frank free freeman french
    frost gale gardener garland gates gene gift glass glen gold golden good gore grace grant gray green
    grey grove guard guest guide guy hail hale hall hand handy harbor hardy harmony harper haven hawk
    hazel head heart heath heather hedge helper hill holiday holland holly honor honour hood hook hope
    house hunt hunter iris ivy jack jade jasmine jasper jet jewel job journey joy judge june junior
    justice key kind king knight lake lamb land lane lark law leaf lee liberty light lily lime link
    little lock london long lord love lovely lucky mac major manual marina marine mark marks marsh
    marshal marshall mason master masters maximum may mercy merit merry mild miles mill miller mills
    mint miracle misty monday moon moor morning moss mound nail nash neat new newman nice noble noon
    norm north novel oak ocean olive opal orange pace page palm paris parish park patch patience peace
    peak pearl peck penny pepper piece pike pink piper plant play poe pool pope porter post pound power
    powers praise precious press price pride prime prince princess prior promise prudence quick quill
    rain raven ray read reason red reed rich ridge river rivers robin rock rocket rod root rose ruby
    rule rush rusty saddler sage saint sand sandy savage save school scout sea seal sergeant shade
    shadow sharp shell shepherd short sierra silver singer sky slate small smart smith snow song south
    sparks spear speed spring star steel stem sterling stern stone storm story street strong sugar
    summer summers sunday sunny swan sweet swift sword symphony tab tailor teal temple thorn tiger tile
    timber token tower town trace tracer travel treasure tree trip true trust twist union unique unity
    usher vale valentine van vance vine viola violet wall walls ward ware warren water waters wave way
    weaver weeks wells west wheeler white will wills winter wise wish wolf wonder wood woods words worth
    wright yard york young

    abend bach bauer baum becker berg bischof blau blum blume braun brot brunnen busch diener dorn ehre
    ende engel ernst feld fest fink fischer forst frei freitag freund friede fuchs funk gabel garten
    gast glaube glück gott graf groß grün hahn hammer hart haus heiß held herr herz hirsch hof hoffnung
    horn jung kaiser kaufmann keller kern klein koch koffer kohl kranz krieg krone kurz lang lange laut
    lehrer licht lieb linde löwe mai mann markt mauer maurer maus meister montag morgen nagel neu nord
    ost pfeffer pfeil pfennig rabe rad rast recht reich reis richter ring ritter rot roth sauer scharf
    schatz schilling schlosser schlüssel schmied schneider schreiber schuster schwarz schäfer schön see
    sommer sonne sonntag spiegel sprung stahl stark stein still stolz strauß straße süß tag tisch tor
    treu vogel voll wagner wald wand weg wein weiß welt wiese wild wirt witt wolke wunder wunsch zauber
    zimmer

    abril agosto alba alegría amor aurora barba barrio bello blanca blanco bravo bueno cabello cabeza
    calle calvo camino campo campos caridad casa castillo castro cielo cierra clara clave coral corona
    correa costa crespo cruz cuesta delgado dolores domingo duque enero espejo esperanza estrella fe
    feliz flor franco fuente fuentes gallo gloria gracia guerra hermoso herrero hidalgo hierro hoyo
    iglesia iglesias inocencia jardín justo lago leal león libertad linda lobo luna luz manzano mar
    marca mayo mayor mejor mercado merced mesa milagros mira montaña monte montero moral moreno mundo
    nieves noche nube oliva olivo oro pastor paz perla pilar pino plata plaza portal prado primo puente
    puerta ramos real redondo remedios rey reyes rico rio rivera rojo romero rosa rosado rosario ríos
    sal sala santos serra sol soledad soto torre torres trigo vaca valle vega vela ventura verdad verde
    victoria villa vivo ángel ángeles

    alegria amado anjos bento boa bom branco coelho conceição coração cordeiro correia céu falcão
    figueira fonte glória lima madeira mata neves pinheiro pinho pinto ponte rainha ramalho rocha
    salvador santo valente vitória

    aube avril beau belle berger blanc blanche bon bonnet boucher boulanger bouvier brun carpentier
    chevalier clair claire clément coeur colombe cordonnier dame dimanche désiré fleur fontaine
    forestier fort forêt français gagne garde gentil grand gros jardin jaune jeune joli jour juillet
    lumière lune maison marchand marin marron mignon modeste moulin neige noir normand noël océane
    parent parfait pascal petit pierre port porte potier printemps reine renard rivière rocher roi royal
    sauvage soleil vert victoire vigne villeneuve

    abadi adil agung ajar alam angin asih bagus bahagia bakti baru batu bayu bela bening berkat besar
    bintang buana budi bulan bunga cahaya cahya cinta citra daya desa dewa dewi elang fajar gading
    guntur guruh hadi hari harta harum hasil hati ikhlas iman indah insan jati jaya kartika kasih
    kencana kirana laksana langit lestari lintang maju makmur malam mas mega mekar melati mulia mulya
    murni mustika nur nusa pagi permata pertiwi prima putra putri rahayu rahmat raja ratu rejeki restu
    rezeki sabar sakti salam samudra santi sari satria segara sejati setia sinar subur suci sukma surya
    taman tanah teguh tirta tri tulus utama utari wahyu wibawa

    אביב אביה אגם אדר אור אורה אושר אלון אמונה אמת ארז אריה בר ברק ברקת גאולה גיל גל גלי דביר דגן דוד
    דקל דרור הדס הדר הוד הלל הראל זהב זהבה זיו זמיר חיים חן טוב טל טליה יובל יונה ים ירדן ישר כוכב כפיר
    כרמל לביא לבן ליאור ליבי לילה מגן מור מזל מלך מעוז מתן נגה נווה נוי נועם ניצן ניר נעם נר נריה נשר
    סתיו עדי עדינה עדן עוז עומר עופר עידן עמית ענבר פז פלג פרח צבי צור צליל קרן קשת רביד רון רוני רונן
    רותם רז רם רן רעות שביט שגיא שדה שחר שי שיר שירה שלג שלום שמש שני שקד תאנה תום תומר תמר תקווה

    khalil rahma shams أمل أمير بدر جميل حكيم ربيع زهرة سعيد سلام شمس فجر قمر كريم ملك منى نور هدى وردة

    东方 光明 和平 大地 大山 天空 希望 平和 平安 建国 文化 文明 春天 未来 永久 长城 阳光 高明 黄金
    """
)

# Whoever writes under such a name is not named by it: the whole of it, too, is at most a soft finding.
ROLES = listed(
    """
    account accounting accounts admin administrator anonymous api app bot business caller client clients
    company contact customer customers demo desk developer dev email end engineering error export
    finance guest help helpdesk hotline import info information it mail manager me member my name no
    noreply none nobody not null office operations operator orders owner people person portal prod
    production purchasing reception requester root sales sample server service services shop shopper
    someone staff store student subscriber supervisor support system team tech technical test tester
    testing ticket trial unknown user users visitor web webmaster website cliente usuario soporte ventas
    equipo prueba invitado empresa tienda kunde kundin kunden kundenservice benutzer anwender firma gast
    team vertrieb einkauf buchhaltung client utilisateur équipe essai invité société magasin pelanggan
    pengguna tim tamu toko perusahaan suporte vendas equipe teste loja לקוח משתמש תמיכה צוות אורח חברה
    客户 用户 测试 顾客 お客様 ユーザー テスト 担当者 사용자 고객
    """
)

# Between the words of a name; alone they name nobody.
PARTICLES = listed(
    """
    af al am an auf aus ben bin bint da dal das de degli dei del della dem den der des di do dos du e el em en
    et i ibn in het la las le les lo los mac mc ne o of op san sant santa são st sankt ten ter the til
    to und van vel ver vom von vor y z zu zum zur jr sr dr mr mrs ms miss mx prof sir madam herr frau
    señor señora sra don doña monsieur madame mme mlle ing lic bapak ibu pak bu sdr tuan nyonya אל בן בת
    מר גב ד ה
    """
)
