//! What the matcher knows of words beside the lists: enough to tell a name from what is written like one.
//!
//! All words are in canonical form: small letters without accents. The tables need not be complete. Each says below what
//! happens with a word that is missing.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Articles and what German puts in their place. Behind one a surname without a comma is a noun: `Der Bäcker Martin`.
#[rustfmt::skip]
const ARTICLES: [&str; 69] = [
    "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "eines", "kein", "keine", "keinen",
    "keinem", "keiner", "dieser", "diese", "dieses", "diesen", "diesem", "jeder", "jede", "jedes", "jeden", "jedem",
    "mein", "meine", "meinen", "meinem", "meiner", "dein", "deine", "deinen", "deinem", "deiner", "sein", "seine", "seinen",
    "seinem", "seiner", "ihr", "ihre", "ihren", "ihrem", "ihrer", "unser", "unsere", "unseren", "unserem", "unserer",
    "euer", "eure", "euren", "am", "ans", "aufs", "beim", "im", "ins", "vom", "zum", "zur", "the", "le", "les", "un",
    "une",
];

/// Words between two names that are no middle name: they tell two people apart.
#[rustfmt::skip]
const NO_MIDDLE: [&str; 44] = [
    "alias", "and", "auch", "aus", "bei", "bzw", "der", "die", "dr", "e", "ed", "et", "familie", "frau",
    "fur", "gegen", "herr", "herrn", "i", "in", "madame", "mit", "mlle", "mme", "monsieur", "mr", "mrs",
    "ms", "o", "oder", "or", "ou", "prof", "signor", "signora", "sowie", "the", "to", "und", "von", "vs",
    "with", "y", "zu",
];

/// What may stand between a surname and the first name behind it: `Keller, Dr. med. Anna`.
#[rustfmt::skip]
const TITLES: [&str; 135] = [
    "avv", "dipl", "dott", "dottssa", "dr", "dres", "em", "frau", "fraulein", "habil", "hc", "herr", "herrn",
    "hr", "ing", "iur", "jur", "lic", "madame", "mag", "maitre", "med", "mlle", "mme", "monsieur", "mr", "mrs",
    "ms", "nat", "oec", "pd", "phil", "pol", "pr", "prof", "rer", "sc", "sig", "signor", "signora", "sigra",
    "techn", "theol", "vet", "dent", "drs", "dra", "sra", "pfr", "pfarrer", "pfarrerin", "rev", "miss", "dhr",
    "mevr", "mevrouw", "psych", "arch", "ra", "rain", "me", "sr", "dona", "dna", "don", "sir", "lady", "lord",
    "dame", "hon", "fr", "freiherr", "freiin", "freifrau", "graf", "grafin", "baron", "baronin", "kffr", "kfm",
    "msc", "bsc", "mba", "phd", "prim", "cand", "stud", "univ", "ao", "dottore", "dottoressa", "doktor",
    "doctor", "docteur", "docteure", "professor", "professorin", "professeur", "professore", "professoressa",
    "rechtsanwalt", "rechtsanwaltin", "notar", "notarin", "ingenieur", "pater", "schwester", "bruder", "pere",
    "soeur", "frere", "padre", "suor", "bundesrat", "bundesratin", "nationalrat", "nationalratin", "standerat",
    "standeratin", "regierungsrat", "regierungsratin", "stadtrat", "stadtratin", "hofrat", "hptm", "oblt",
    "lehrerin", "lehrer", "arztin", "arzt", "direktor", "direktorin", "diplom", "meester", "magister",
];

/// Labels of a part of a name that mean nothing else.
#[rustfmt::skip]
const LABELS: [&str; 59] = [
    "apellido", "apellidos", "cognome", "familienname", "familyname", "firstname", "forename", "geburtsname",
    "givenname", "givennames", "lastname", "nachname", "nachnamen", "prenom", "prenome", "prenoms", "rufname",
    "surname", "surnames", "vorname", "vornamen", "zuname", "achternaam", "voornaam", "nachn", "vorn", "fname",
    "lname", "forenames", "firstnames", "prenum", "apelido", "sobrenome", "roepnaam", "tussenvoegsel",
    "ledigname", "madchenname", "maidenname", "birthname", "nachnamens", "vornamens", "surnom", "fornavn",
    "etternavn", "efternavn", "fornamn", "efternamn", "imie", "nazwisko", "ime", "prezime", "jmeno", "prijmeni",
    "adi", "soyadi", "emri", "mbiemri", "noms", "voorletters",
];
/// Words that labels are put together from, and that mean something else without a sign behind them.
#[rustfmt::skip]
const LABEL_WORDS: [&str; 33] = [
    "de", "di", "familia", "famiglia", "famille", "family", "first", "fn", "given", "givn", "last", "ln",
    "name", "nom", "nombre", "nome", "gn", "sn", "value", "names", "num", "proprio", "primer", "segundo",
    "birth", "maiden", "naissance", "legal", "full", "cognom", "user", "person", "contact",
];

/// Labels, or words of one, of first names that entries need not have.
#[rustfmt::skip]
const SECOND_LABELS: [&str; 13] = [
    "deuxieme", "middle", "middlename", "second", "secondname", "secondo", "weitere", "zweiter", "zweitname",
    "initial", "initials", "zweite", "additional",
];

/// Labels of a place.
#[rustfmt::skip]
const PLACE_LABELS: [&str; 15] = [
    "city", "ciudad", "citta", "comune", "commune", "gemeinde", "localita", "localite", "locality", "ort", "plaats", "stadt",
    "town", "ville", "woonplaats",
];

/// Particles, which have small letters in names too.
#[rustfmt::skip]
const PARTICLES: [&str; 36] = [
    "al", "ben", "bin", "d", "da", "dal", "dalla", "das", "de", "degli", "dei", "del", "della", "delle", "dem", "den", "der",
    "di", "do", "dos", "du", "el", "ibn", "l", "la", "le", "lo", "ten", "ter", "v", "van", "vom", "von", "zu", "zum",
    "zur",
];

/// What labels of a part of a name are to the matcher.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LabelWord {
    /// A whole label.
    Whole,
    /// One of a second first name, or a word of it.
    Second,
    /// A word of one, behind which a sign has to stand.
    Part,
    /// One of a place, which stands in a field of its own behind its postcode.
    Place,
}

/// What a word is to labels, with a number behind it or without: `last1`.
pub(super) fn label_word(word: &str) -> Option<LabelWord> {
    LABELS_TABLE.get(word.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// The names of tags that fields and rows stand in.
const TAGS: [&str; 10] = ["dd", "dt", "input", "li", "p", "span", "tbody", "td", "th", "tr"];

pub(super) fn is_tag(word: &str) -> bool {
    TAGS.contains(&word)
}

/// What titles go on with: `Dr. h. c.`, `Dott.ssa`, `Dr. ès lettres`.
const TITLE_PARTS: [&str; 9] = ["c", "es", "h", "in", "lettres", "mult", "ra", "ssa", "sciences"];

pub(super) fn is_part_of_title(word: &str) -> bool {
    TITLE_PARTS.contains(&word)
}

/// What makes another street of one when it stands before it with a capital letter.
#[rustfmt::skip]
const KINDS_OF_STREETS: [&str; 38] = [
    "alte", "alten", "alter", "ancienne", "aussere", "ausseren", "grand", "grande", "grosse", "grossen", "haute", "hintere",
    "hinteren", "innere", "inneren", "kleine", "kleinen", "lower", "mittlere", "mittleren", "neue", "neuen", "neuer",
    "nouvelle", "nuova", "obere", "oberen", "old", "petit", "petite", "untere", "unteren", "upper", "vecchia", "vieille",
    "vieux", "vordere", "vorderen",
];

pub(super) fn is_kind_of_street(word: &str) -> bool {
    KINDS_OF_STREETS.binary_search(&word).is_ok()
}

/// What introduces a name at birth.
#[rustfmt::skip]
const BIRTH_NAMES: [&str; 17] = [
    "born", "geb", "gebo", "geboren", "geborene", "gesch", "geschiedene", "ledig", "nata", "ne", "nee", "vedova", "verh",
    "verw", "verwitwete", "vorm", "vormals",
];
/// What introduces another name of the same person.
#[rustfmt::skip]
const OTHER_NAMES: [&str; 12] = [
    "aka", "alias", "called", "detta", "detto", "dit", "dite", "gen", "genannt", "genannte", "known", "vulgo",
];

/// What nicknames begin with: `«die Grosse»`.
const NICKNAMES: [&str; 9] = ["das", "der", "die", "el", "il", "l", "la", "le", "the"];

pub(super) fn begins_nickname(word: &str) -> bool {
    NICKNAMES.contains(&word)
}

/// What is written in brackets behind a label: `Vorname(n)`.
const PLURALS: [&str; 3] = ["en", "n", "s"];

pub(super) fn is_plural(word: &str) -> bool {
    PLURALS.contains(&word)
}

pub(super) fn is_birth_name(word: &str) -> bool {
    BIRTH_NAMES.contains(&word)
}

pub(super) fn is_other_name(word: &str) -> bool {
    OTHER_NAMES.contains(&word)
}

/// What begins in brackets that tell of other people or places: `Anna (und Berta) Keller`, `Anna (S. 12)`.
#[rustfmt::skip]
const NO_BRACKETS: [&str; 26] = [
    "and", "auch", "avec", "bzw", "ca", "cf", "con", "e", "ed", "et", "mit", "o", "oder", "or", "ou", "p", "page", "s", "see",
    "seite", "siehe", "sowie", "und", "vgl", "with", "y",
];

pub(super) fn is_beside_brackets(word: &str) -> bool {
    NO_BRACKETS.binary_search(&word).is_ok()
}

/// Whether a word that begins like this may be one of a label, or a title.
pub(super) fn may_be_beside(half_word: &str) -> bool {
    let half_word = half_word.trim_end_matches(|c: char| c.is_ascii_digit());
    let labels =
        LABELS.iter().chain(&LABEL_WORDS).chain(&SECOND_LABELS).chain(&TAGS).chain(&PLURALS).chain(&PLACE_LABELS);
    let names = BIRTH_NAMES.iter().chain(&OTHER_NAMES).chain(&NICKNAMES);
    labels.chain(names).chain(&TITLES).chain(&TITLE_PARTS).any(|word| word.starts_with(half_word))
}

pub(super) fn is_title(word: &str) -> bool {
    TITLES_TABLE.get(word).is_some()
}

pub(super) fn is_article(word: &str) -> bool {
    ARTICLES_TABLE.get(word).is_some()
}

pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES_TABLE.get(word).is_some()
}

/// Whether a word with a capital letter is no middle name.
pub(super) fn parts_people(word: &str) -> bool {
    NO_MIDDLE.binary_search(&word).is_ok()
}

/// A frequent first name. `Josef A. Keller` is nobody who is listed as `A. Keller`; behind one that is missing the initial
/// is taken for that of the entry.
pub(super) fn is_given_name(word: &str) -> bool {
    GIVEN_NAMES_TABLE.get(word).is_some()
}

/// A word of everyday language that people are called by. A name of nothing else is found with capital letters only:
/// `rose blanche` is a flower. A name with a word that is missing is found in small letters too.
pub(super) fn is_everyday(word: &str) -> bool {
    EVERYDAY_TABLE.get(word).is_some()
}

/// Words, each with what it is. Almost every word of a text is in none of them, so a word is looked up only if some word of
/// the table has its length and first letter, and some its length and last letter.
struct Table<T> {
    words: HashMap<&'static str, T>,
    /// For each letter the lengths, as bits, of the words that begin with it, and of those that end with it.
    first: [u32; LETTERS],
    last: [u32; LETTERS],
}

const LETTERS: usize = 26;

impl<T: Copy> Table<T> {
    fn new(words: impl Iterator<Item = (&'static str, T)>) -> Table<T> {
        let mut table = Table { words: words.collect(), first: [0; LETTERS], last: [0; LETTERS] };
        for (word, (first, last)) in table.words.keys().filter_map(|word| Some((word, Self::ends(word)?))) {
            table.first[first] |= 1 << word.len();
            table.last[last] |= 1 << word.len();
        }
        table
    }

    /// The places of the first and the last letter in the alphabet; none of what is no word of the tables.
    fn ends(word: &str) -> Option<(usize, usize)> {
        let place = |byte: &u8| byte.is_ascii_lowercase().then(|| usize::from(byte - b'a'));
        let word = Some(word.as_bytes()).filter(|word| word.len() < u32::BITS as usize)?;
        Some((place(word.first()?)?, place(word.last()?)?))
    }

    fn get(&self, word: &str) -> Option<T> {
        let (first, last) = Self::ends(word)?;
        let may_be = self.first[first] & self.last[last] & 1 << word.len() != 0;
        if may_be { self.words.get(word).copied() } else { None }
    }
}

static ARTICLES_TABLE: LazyLock<Table<()>> = LazyLock::new(|| Table::new(ARTICLES.map(|word| (word, ())).into_iter()));
static TITLES_TABLE: LazyLock<Table<()>> = LazyLock::new(|| Table::new(TITLES.map(|word| (word, ())).into_iter()));
static PARTICLES_TABLE: LazyLock<Table<()>> =
    LazyLock::new(|| Table::new(PARTICLES.map(|word| (word, ())).into_iter()));
static LABELS_TABLE: LazyLock<Table<LabelWord>> = LazyLock::new(|| {
    let whole = LABELS.map(|word| (word, LabelWord::Whole));
    let second = SECOND_LABELS.map(|word| (word, LabelWord::Second));
    let places = PLACE_LABELS.map(|word| (word, LabelWord::Place));
    Table::new(whole.into_iter().chain(second).chain(places).chain(LABEL_WORDS.map(|word| (word, LabelWord::Part))))
});
static GIVEN_NAMES_TABLE: LazyLock<Table<()>> =
    LazyLock::new(|| Table::new(GIVEN_NAMES.split_ascii_whitespace().map(|word| (word, ()))));
static EVERYDAY_TABLE: LazyLock<Table<()>> =
    LazyLock::new(|| Table::new(EVERYDAY.split_ascii_whitespace().map(|word| (word, ()))));

const GIVEN_NAMES: &str = "
aafke aaron aart abdullah abigail abraham abramo achille achim ada adalbert adam adele adelheid adelino adem adnan
adolf adrian adriana adriano afonso agata agathe agim agnes agnieszka agostino agron agustin ahmed ahmet aida aidan
aileen aitana alain alan alastair alba albana albert alberta alberto albin albrecht alcides aldo alec aleida alejandra
alejandro aleksandar alena alessandra alessandro alessia alessio alex alexa alexander alexandra alexandre alexandru
alexis alfie alfio alfons alfonsa alfonsina alfonso alfred alfredo ali alice alicia alina alison alistair allan allison
alma almeida alois althea alvaro alwin amalia amanda amber amedeo amelia amelie amina amir amos amparo amra amy ana
anabela anastasia anatol andi andie andre andrea andreas andree andreina andrej andreja andres andrew andri andrzej
anela angel angela angeles angelica angelika angelina angelique angelo angus anita anja anke ann anna annabel annabelle
anne annegret anneke annelie annelies anneliese annelise annemarie annemiek annette annie annika annina anouk anselmo
anthony antje antoine anton antonella antonia antonino antonio antonius aparecida araceli arben archibald archie ardian
ariane arianna arie aristide arjan arlette armanda armelle armend armin armindo arnd arno arnold arnulf aron arrigo
arta arthur arturo ashley ashton asmir assunta astrid asuncion attilio aude audrey august augusto aurelia aurelie
aurelien aurora austin ava avni axel axelle aylin ayse azra balthasar balz baptiste barbara barbla barney barry bart
bartolomeo bas bashkim basil bastian bastien bea beat beate beatrice beatrix beatriz becky begona bekim bela belen
belinda ben benedict benedikt beniamino benito benjamin benno benoit bento berit bernadett bernadette bernard bernardo
bernd bernhard bert berta bertha berthold bertrand besim beth bethany betje bettina betty beverly biagio bianca bice
billy birgit birgitta bjoern bjorn blaise blake blanca blerim blerta bobby bodo bojan bonifaz bonnie boris borja bouke
brad bradley braida bram brandon branko brenda brendan brett brian bridget brigitta brigitte britta bruce brunella
brunhilde bruno bryan bryony bujar burim burkhard byron caetano caitlin callum calogero cameron camilla camille camilo
candice candida carina carl carla carlo carlos carlota carmela carmen carmine carol carola carolin carolina caroline
carolyn carsten caspar cassandra caterina catherine cathrin catia cayetano cecil cecile cecilia cedric cedrik cees
celeste celia celine cem cesar cesare chad chantal charlene charles charlotte chelsea cheryl chester chiara chloe chris
christa christel christian christiana christiane christina christine christl christof christoph christophe christopher
cindy cinzia claire clara clarence clarisse claude claudia claudine claudio clayton clelia clemens clement clementine
clifford clive clotilde clyde coen colette colin colleen conceicao concepcion concetta connor conny conrad constantin
consuelo coralie cordula corentin corina corinna corinne cornel cornelia cornelis cornelius corrado corrie corsin
cosimo costanza craig cristian cristina cristobal curdin curtis cynthia cyril daan dagmar dagobert daisy dale dalia
damaris damian damiano damien damon daniel daniela daniele danielle danijel danilo danny daphne daria dario darlene
darren daryl dave david davide dean debbie debora deborah debra dejan delia delores delphine demetrio denis denisa
denise deniz dennis derek derrick desiree desmond detlef detlev dexter diana diane dick didier diederik diego dieter
diethelm dietmar dijana diletta dimitri dino dirk dmitri dmytro dolores domenico domingo dominic dominik dominique
donald donatella donato dora doreen doriana doris dorli dorothea dorothee dorothy douglas dragan dragana drago drenusha
drita duarte duncan duri dusan dustin dwayne dwight dylan earl eberhard eckart eckhard edda edelgard edeltraud edgar
edin edite edith edmund edna edoardo edona edouard eduard eduardo edward edwin efrain egidio egon eileen ekkehard
elaine elda eleanor elena eleni eleonora elfi elfriede eliane elias elif eligio elijah eline elio elisa elisabeth
elisabetha elisabetta elise eliza elizabeth elke ella ellen elliot elliott elmar elmer elmir elodie els elsa elsbeth
else elspeth elvio elvira elvis emanuel emanuele emeline emiel emil emilia emilie emilio emily emine emir emma emmanuel
emmi emmy emre encarnacion enes engelbert enrico enrique enriqueta enzo erdmute erhard eric erica erich erik erika
ermin erminia erna ernest ernesto ernst eros ertugrul erwin esperanza esteban estelle esther ethan etienne ettore eugen
eugene eugenia eugenie eugenio eulalia eusebio eva evan evaristo eveline evelyn evelyne everett evert ewa ewald
ezequiel ezio fabian fabiana fabien fabienne fabio fabiola fabrice fabrizio fadil fatih fatima fatma fatmir faustine
fausto fay federica federico felice felicitas felicity felipe felix femke ferdinand fergus ferhat fermin fernand
fernanda fernando ferruccio fiammetta filip filipa filipe filippo filomena finn fiona fiorella fiorenza firmin fisnik
flamur flavia flavien flavio fleur floor florence florencia florent florian floriane florim floyd flurin flurina fosca
franca frances francesca francesco francette francine francis francisco franco francois francoise frank frans franz
franziska franziskus fraser frauke fred frederic frederik frederique fredy freek fridolin frieda friederike friedhelm
friedrich fritz fulvio gabi gabriel gabriela gabriele gabriella gaby gaelle gaetan gaetano gail gallus gareth garry
gary gaspard gaspare gaston gavin gebhard geert gemma genevieve gennaro geoffrey geoffroy georg george georges
georgette georgina georgios gerald geraldine gerard gerardo gerd gerda gerhard gerhild gerlinde germaine germana
germano gero gerold gerrit gertrud gertrude gervasio gezim ghislaine giacinto giacomo giada gian giancarlo gianfranco
gianluca gianmarco gianni gianpaolo gijs gilbert gilberto gildo giles gilles gillian gina ginevra gino gioacchino
gioele gion giordano giorgio giovanna giovanni gisbert gisela gisella giulia giuliana giuliano giulio giuseppe
giuseppina gladys glenda glenn goffredo goncalo gonzalo goran gordana gordon gorica gottfried gotthard gottlieb graca
graciela graeme graham grazia graziella greet gregg gregoire gregor gregorio gregory greta gretha gudrun guglielmo
guido guilherme guillaume guillermo gundula gunhild gunnar gunter gunther gustav guy gwen gwenaelle gwendolyn hajo
hakan hal halil hamid hanna hannah hannelore hannes hans hansheinrich hansjorg hanspaul hanspeter hansruedi hansueli
harald haris harley harm harold harriet harry hartmann hartmut hartwig harvey hasan hatice hayley heather hector hedi
hedwig heide heidi heidrun heike heiko hein heiner heinke heinrich heinrike heinz helder helen helena helene helga
helmut helmuth hendrik henk hennie henning henri henriette henrique henry herbert herman hermann hernan herta herve
hikmet hilario hilary hilda hilde hildegard hildegund holger honorine hope horacio horst hortensia howard hubert
hubertus hugh hugo hugues humberto husein huseyin ian ibrahim ida ignacio igor ilaria ilir ilka ilker ilona ilse
immacolata immanuel imogen imran indira ines inga inge ingeborg ingo ingrid inmaculada iole ippolito irena irene irina
iris irma irmela irmgard irmtraud irving isaac isabeau isabel isabella isabelle isaias isidor isidro isla ismael ismail
isolde isotta itziar ivan ivana ivano ivica ivo ivonne ivy jaap jachen jacinto jack jackie jacky jaclyn jacob
jacqueline jacques jaime jakob jakobus jakub james jan jana jane janet janice janine janis janneke jannik jannis
janosch jared jasmin jasmina jasna jason javier javiera jean jeanette jeanine jeanmarc jeanne jeannette jeanpaul
jeanpierre jeff jeffrey jelena jelle jemima jenna jennifer jenny jens jeremiah jeremy jeroen jerome jeronimo jerry
jesse jessica jesus jill jim jimmy joachim joan joana joanna joao joaquim joaquin joaquina jocelyne jochem jochen jodie
jody joe joel joelle joerg johann johanna johannes john johnny joke jolanda jole jolijn jonas jonathan joost jordan
jordane jordi jorg jorge joris jorn jose josef josefa josefine joseph josephine josette josh joshua josiane josip jost
joy joyce juan juana judith judy juerg juergen jules julia julian juliana julie julien julieta juliette julio julius
jurg jurgen jurriaan justin justine jutta kadir kai kara karel karen karim karin karina karl karla karlheinz karoline
karsten kaspar katarina katarzyna katelyn katharina katherine kathi kathleen kathrin kathryn kathy katie katja katrin
kay kees keira keith kelly kelvin kemal ken kenneth kerstin kevin kilian kim kimberly kirk kirsten kirsty klara klaus
klemens knud knut koen konrad konstantin konstanze korbinian kornelia kristen kristin kristina kristof kristy krzysztof
kujtim kujtime kunigunde kurt kyle lachlan ladina laetitia lamberto lana lance lando lara larissa larry lars laura
laureano laurence laurent lavinia lawrence lea leah leander leandre leandro leanne leigh lejla lena lenz leo leon
leonard leonardo leonce leonhard leonie leopold leopoldine leroy lesley leslie lester leticia letizia levin lewis liam
liana libero licia lidia lieke lies lieselotte lilian liliane lilli lillian lina linard linda lindsay lindsey linus
lionel lisa lise liselotte livia livio ljiljana lloyd loes logan loic lois loredana lorella lorena lorenz lorenza
lorenzo lori loris lorna lorraine lothar lotte louie louis louisa louise louison lourdes luan luc luca lucas luce lucia
luciana luciano lucie lucien lucienne lucio lucy ludivine ludovic ludovica ludovico ludwig luigi luigia luis luisa
luise luisella luitgard lukas luke lulzim lurdes lutz luzi lydia lyle lynn maaike maarten maartje mabel macarena
machteld maddalena madeleine madlaina mael maelle maeve mafalda magali magdalena magnus maida maik maite maja malcolm
malgorzata malin mallory malte manfred manfredo manlio manon manuel manuela mara marc marcel marceline marcella
marcello marcia marco marcos marcus marek margaret margarete margaretha margarida margarita marge margery margherita
margit margot margreth margrit marguerite maria marian mariangela marianne maribel marica marie marieclaire marieke
mariella marielle marietta marija marijan marijana marijke marika marilena marilyn marina marine marinella mario marion
marisa marisol marjan marjorie mark marko markus marlen marlene marlies marlis marloes marlon marsha marshall marta
martha martin martina martine martino marvin mary massimiliano massimo mateo mateus mathias mathieu mathilde mathis
matias matilde matt matteo matthew matthias mattia maura maureen maurice mauricette mauricio maurizio mauro max maxence
maxime maximilian maya mechthild megan mehmed mehmet meinrad melania melanie melchior melinda melisa melissa melissande
memet mercede mercedes merita merle merlin mersiha mervyn mevlud mia michael michaela michel michela michelangelo
michele micheline michelle mieke miguel mike milagros milan mildred milena milica millie milos mina mira miranda
mireille mirella miriam mirjam mirjana mirko mirsad mitchell mladen mohamed mohammed moira mollie molly monia monica
monika monique montse montserrat morgan moritz muhamed muhammad muharrem murat muriel mustafa myra myriam myrtille nada
nadege nadia nadine nadja nancy naomi naser natale natalia natalie natascha natasha nathalie nathan natividad nazzareno
nebojsa nedim neil nele nello nelly nelson nenad nepomuk nerina nermin nevena nicholas nick nico nicola nicolai nicolas
nicole nicoletta nicolo niels nienke nieves nigel nijaz niklas niklaus nikola nikolaus nikolina nils nina nives noah
noel noelia noelle noemi noemie nora norbert norina norma norman norris nuno nunzia nunzio nuot nurettin nuria nynke
octavio odette odile ofelia olaf olalla ole oleg oleksandr olena olga olive oliver olivia olivier oliviero olympe omar
omer orazio oreste orhan orietta ornella oscar oskar osman osvaldo oswald othmar otilia otmar ottavia ottavio otto owen
pablo paige palmira pamela pankraz paola paolo pascal pascale pascaline pasquale patrice patricia patrick patrik
patrique patrizia patsy paul paula paulette paulien pauline paulo pawel pedro peggy penelope pepe perla perrine perry
petar peter petr petra phil philip philipp philippa philippe phoebe phyllis pia pierangelo piergiorgio pierluigi piero
pierre piet pieter pietro pilar pim pina piotr pirmin pius polly preston primo priscilla priska quentin quirin quirino
rabea rachael rachel rade radmila rafael rafaela raffaele raffaella rahel raimondo raimund raimundo rainer ralf ralph
ramiro ramiz ramon ramona randy ranko raoul raphael raquel rasim rasmus raul ray raymond rebeca rebecca rebekah redzep
regina reginald regine regis regula reimund reiner reinhard reinhold remedios remi remigio remo remy renata renate
renato renaud rene renee renske renzo resi reto rexhep reyes rhoda rhona rhys ria ricarda ricardo riccarda riccardo
richard rick ricky rico riekje rien riet rifat rinaldo rita rob robert roberta roberto robin rocco rocio roderich
roderick rodney rodolfo rodolphe rodrigo roel rogelio roger roland rolf romain romaine roman romana romano romeo romina
romolo romy ronald ronan ronja ronny rory rosa rosalba rosalia rosalie rosalind rosalinda rosangela rosanna rosaria
rosario rose rosella rosemarie rosemary rosendo rosina rosmarie ross rossana rossella roswitha rowan roxane roxanne roy
ruben ruby rudolf ruedi ruggero rui rupert ruprecht russell ruth ruud ryan sabatino sabina sabine sabri sabrina sadie
sadik safet salih sally salome salomon salvador salvatore salvatrice sam samantha samir samira samuel samuele sander
sandra sandrine sandro sandy sanela sanja sanne santa santiago santino sara sarah sascha saskia saturnino saul saverio
scott sean sebald sebastian sebastiano sebastien segundo selene selim selina selma sem semir senad sepp seraina serena
serge sergei sergej sergio serkan seth settimio severin severine severino shane shannon sharon shaun shawn sheila
shelby shelley sheridan sherry shirley shpresa sibylla sibylle sidney siebe siegfried sieglinde siegmund sierra
sigismondo sigismund sigmar sigrid silas silke silvan silvana silvano silvestre silvia silvio simao simon simona simone
simonetta sinisa sjoerd skender sladjana slavica slavisa slavko slobodan snezana sofia sofie solange soledad solene
sonia sonja sonya sophia sophie spencer stacey stacy stan stanley stefan stefania stefanie stefano steffen steffi
stella stephan stephane stephanie stephen steve steven stewart stijn stipe stuart suad sue sulejman summer susan susana
susanna susanne susi suzana suzanna suzanne suze suzette svea sven svenja svetlana swantje sybil sybille sylvain sylvia
sylvie tabea tabitha tadeo tamara tammy tanguy tania tanja tara tarcisio tatiana tatjana ted teddy telma teodoro teresa
teresinha teri terrence terry tessa teun teuta thaddaus thea theo theodor theodora theodore theres theresa therese
thibault thierry thijs thomas thorsten tiago tiberio tiffany till tilman tilo tim timo timon timothy tina tineke tito
tiziana tiziano tjeerd tobias toby todd tom tomas tomasz tome tomislav tommaso tommy toni tony toon torben torsten
tosca tracey tracy traugott trevor tricia tristan trix troy trudi trudy truus tullia tullio tuncay tyler ubaldo udo
ueli ugo ugur ulf uli ulla ulrica ulrich ulrike umberto urbain urban urs ursina ursula urte uschi ute uwe valdet
valentin valentina valeria valerian valeriano valerie valon valter vanda vanesa vanessa vasco vaughn vedran veit veljko
velma vera verena vernon veronica veronika veronique vesel vesna vicenta vicente vicky victor victoria victoriano
victorien viktor viktoria vince vincent vincenza vincenzo viola violaine virgile virgilio virginia virginie virginio
vito vitor vittoria vittorio vitus vivian viviana viviane vivien vjosa vladimir vlado vlatko volker volkmar vreni
walburga waldemar wallace walter walther waltraud waltraut wanda warren wayne wendelin wendell wendy werner wernher
werni wesley whitney wiebke wietske wigand wilbur wilfred wilfredo wilfrid wilfried wilhelm wilhelmina willem willi
william willie willy wilma wim winfried winifred winston wolf wolfgang wolfhard wolfram wouter xaver xavier xenia
xhevat yael yann yannick yara yasmin ydwine ylli yohan yolanda yolande yuri yusuf yvan yves yvette yvonne zacharie
zachary zaida zaira zarko zdenko zeljka zeljko zeynep zita zivko zlata zlatan zlatko zoe zoja zoltan zora zoran
";

const EVERYDAY: &str = "
abbot able acker adler aigle aimable alba alder allegra allegro allemand alm almond alt alta alto amar amber amble
ambre ami amore amour anchor ange angel angelo anglais anker apfel apple april archer arm armando art arte aster astor
auer auge august auguste aurora aurore autumn avis avril axe azur baby bacher backer bad baecker baker bald ball banks
bar barber barbier bard bark barker baron barone bass bauer baum bay beach beam bean bear beau beautiful becher beck
becker bell bella belle bellini bello ben berg berger best bianca bianchi bianco bibel biene bill billy birch bird
bischof bishop bitter black blanc blanche blanches blank blau bleu bleue bloom bloss blue blum blume blumen bock bohne
bold bon bond bonne bonnet book booker booth born bosco bosse bouchard boucher boulanger bow bowl bowman box boy
branch brand braun brave brick bridge bright brook brooks brot brown bruch bruder brun brush buch buck bud bull burg
burger burn burns bus busch bush butcher butler button cain calle calm camp campana campo candida candy capra cara
card care caro carol carpenter carter cash castle celeste champ chance chandler chant charity charpentier chase
chateau chef chevalier chiara child choice christian church claire clay clear clemence clement clemente clerk cliff
close cloud coal coat cobb cock cold colomb colombe constance contento cook cool cooper coral corde cordier corn
corner coste cotton count court crane creek crisp crook cross crow crown crystal curry curtain cut dach daisy dale
dame damm dance dangerous date dawn day dear deep del delicate desire destiny diamond dick dieu dire divine do dolce
dolch dolore donna dora dorf dorn dove drake draper draw drew drive drum duc duck duke dur dutch eagle earl east
easter eber echo eck edel edge eiche eis eisen elder else ende enge engel english erbe erde erle ernst esche espoir
essen eve evening ewig fair faith falk falke fall farmer fass faust feather fein feld felder felice felix fer fern
ferraro ferro feuer field filler finch fine fink fiore fischer fish fisher flagge fletcher fleur flint flood flora
florin flower foot ford forest forester forster fort forte fortune foster fountain fox frais franc france frank frech
free freeman frei freiherr french freud freund freundlich frisch frog froh fromm frost fuchs full fuller furst gala
gallo gans garden gardner gast gate gay geiger geist gem gene general gentile gentle gerber gift giglio gilt ginger
gioia giordano giovane glaser glass glen glock gloria gold golden goldschmied good grace graf grand grande grange
grant grass grasso grau gray graz grazia green greene grey grob gros gross grun grund guerra guerrier gunst gut guy
haas hack hafner hagel hall hammer hand handy happy hard hardy harp harper hart hase hauer haupt haus hausmann hawk
hay hazel head heath heather hecht heide heil heiland held helm herb herbst herd herman hero herr herz herzog heu hill
himmel hirsch hirt hobby hoch hof hoffnung hohl holder holly holz home honey honor honore hood hook hope hopper horn
horse hose house huber hummel hund hunger hunt hunter hut hyacinth ice innocent iris iron ivy jack jade jaeger jager
jam jan january jardin jardinier jasmin jasmine jaune jay jean jet jeune job jolie jolly joly jour joy juillet julep
jules july june jung junge junger junior just justice kaiser kalb kalt kamm kammer karl kast kater kauf kaufmann keil
keller kern kess key kid king kirch kirsch klar klein klug knapp knecht knight knoll knopf koch koenig kohl kohler
konig kopf korb korn krach kraft krage kranz kraus kraut krebs kreis kremer kreuz krieg krieger kroner krug kuhl kuhn
kummer kunst kunz kupfer kurz lac lady lake lamb lamm lance land lane lang lange large lark laub laurel laurent laut
law lawn lay lea leaf ledger lee leger lehrer leicht lemon leo leon leone lerche libera liberty lieb liebe liebling
lilas lilie lily linde linden linder lion little loch loeb long lord love low loyal luce lucky luft luna lune lustig
luz mach mader madonna magnus mai maler man mann manner marble march marchand marche marcher mare marechal margherita
marguerite marie marina marine marino mark market marks marron mars marsh mason masse master maurer maus max may
meadow meer meister melody mensch mercer mercier mercury mercy merle merry metzger meunier mia miele miles mill miller
mint mit mond monday monk montag moon moor moore moral morgen morning mort most moulin mountain mouse mueller mulder
muller mund musik mutter nacht nadel nagel nail narciso nase nass natal natale neige nera nero neu neuer neumann nice
nicht niece night noble noel noir noire noon north nose note noto notte nova novelle november nuit nuss nuts oak ober
ochs octave odd oiseau old olive oliver olivia olivier onyx opal orange orchid ort ost oster otter otto pace page pain
painter palm palma palmer paradise paris park parson pastor patience paul peace peach peacock pearl peck pelz pen
penny pepper perla perle personne pesce petit petite pfarrer pfeffer pfeifer pfeil phoenix piana piano piccolo pierre
pike pilger pilot pink piper place plum pole pomme ponte pool poole pope poppy port porter post potter pound powder
powell power precious prediger present price priest prima primavera prime prince princess prior prix promise prosper
prudence pur purple quaint queen quick quiet rabe race rad rain rainer rainy ram rand ranger rappel rare rat ray read
ready rebel rechte reed reeves regen reh reich reiche reif reim rein reine reiter reno reuter rex rice rich richard
richter rico riese right riley ring ringer ritter river rivera rob robin rock roh rohr roi roman romano romeo rook
root roper rosa rosario rosato rose rosemary rosen roses rossa rossi rosso rot rote roth rouge rough round roux royal
ruby ruhe rund rush sable saffron sage saint salt salz samt sand sandy sanft sapphire satt sauer savage sawyer schade
schaf schafer schall scharf schatz schenk scherer schiff schild schiller schirmer schlegel schlosser schmied schneider
schnell schon schoner schreiber schreiner schuster schutz schwab schwan schwarz schweiger sea season see selig serena
serene sergeant sero shade shadow sharp sheep shepherd shield shine shoe short sieber sieger sign silber silver
silvester simple singer six skinner sky slater small smart smith smooth snow sommer son sonne sonntag sorge sparrow
spear speck speer speranza sperling spiegel spielmann spies spiess spring spruce stahl star stark starr stein steiner
stella stern sterne steward stich still stille stock stolz stone storch storm strange street streich streit strong
sturm suess summer sun sunday sunny suss suter swan sweet swift tag tailor talent tanner tanz tau taub taube teal
teich tempest temple terra teufel thorn tief tiger tinker tischler tod toll tom ton tor tour town trauer traum
treasure tree treu true truelove trumpet tuch turner uhr ulm unger unique urban vale valentine valley valli vater
venturi verde verdi vert verte vertes verts victoire victor victory vieux vigna villa villain viola violet violette
virgin virtue vita vittoria vogel voix volk voll vollmer volpe wald walker wall waltz wang war ward warm warner washer
wasser water waters wax way weaver weber weg weich wein weis weise weiss well welle wells welt west wheel wheeler
whistler white whites wiese wild wilder will willow wind winkler winner winter winzer wirt wise woche wohl wolf wolff
wolke wonder wood woods word worth wright wunder wurst yard year yellow young zahn zar zart zaun zeh zeit zelle
ziegler ziel zimmer zimmermann zorn zucker zug zweig
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::Canonical;

    #[test]
    fn every_word_is_in_canonical_form() {
        let tables = [&ARTICLES[..], &NO_MIDDLE, &TITLES, &LABELS, &LABEL_WORDS, &SECOND_LABELS, &PARTICLES].concat();
        for word in
            tables.into_iter().chain(GIVEN_NAMES.split_ascii_whitespace()).chain(EVERYDAY.split_ascii_whitespace())
        {
            assert_eq!(Canonical::of(word).as_str(), word);
            assert!(Table::<()>::ends(word).is_some(), "{word} is not found");
        }
        assert!(NO_MIDDLE.is_sorted() && NO_BRACKETS.is_sorted() && KINDS_OF_STREETS.is_sorted(), "they are searched");
    }
}
