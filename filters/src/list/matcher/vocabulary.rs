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
const TITLES: [&str; 58] = [
    "avv", "dipl", "dott", "dottssa", "dr", "dres", "em", "frau", "fraulein", "habil", "hc", "herr", "herrn", "hr",
    "ing", "iur", "jur", "lic", "madame", "mag", "maitre", "med", "mlle", "mme", "monsieur", "mr", "mrs", "ms",
    "nat", "oec", "pd", "phil", "pol", "pr", "prof", "rer", "sc", "sig", "signor", "signora", "sigra", "techn",
    "theol", "vet", "dent", "drs", "dra", "sra", "pfr", "pfarrer", "pfarrerin", "rev", "miss", "dhr", "mevr",
    "mevrouw", "psych", "arch",
];

/// Labels of a part of a name that mean nothing else.
#[rustfmt::skip]
const LABELS: [&str; 35] = [
    "apellido", "apellidos", "cognome", "familienname", "familyname", "firstname", "forename", "geburtsname",
    "givenname", "givennames", "lastname", "nachname", "nachnamen", "prenom", "prenome", "prenoms", "rufname",
    "surname", "surnames", "vorname", "vornamen", "zuname", "achternaam", "voornaam", "nachn", "vorn", "fname",
    "lname", "forenames", "firstnames", "prenum", "apelido", "sobrenome", "roepnaam", "tussenvoegsel",
];
/// Words that labels are put together from, and that mean something else without a sign behind them.
#[rustfmt::skip]
const LABEL_WORDS: [&str; 21] = [
    "de", "di", "familia", "famiglia", "famille", "family", "first", "fn", "given", "givn", "last", "ln", "name",
    "nom", "nombre", "nome", "gn", "sn", "value", "names", "num",
];

/// Labels, or words of one, of first names that entries need not have.
const SECOND_LABELS: [&str; 9] =
    ["deuxieme", "middle", "middlename", "second", "secondname", "secondo", "weitere", "zweiter", "zweitname"];

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
}

pub(super) fn label_word(word: &str) -> Option<LabelWord> {
    LABELS_TABLE.get(word)
}

/// Whether a word that begins like this may be one of a label, or a title.
pub(super) fn may_be_beside(half_word: &str) -> bool {
    let mut words = LABELS.iter().chain(&LABEL_WORDS).chain(&SECOND_LABELS).chain(&TITLES);
    words.any(|word| word.starts_with(half_word))
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
    Table::new(whole.into_iter().chain(second).chain(LABEL_WORDS.map(|word| (word, LabelWord::Part))))
});
static GIVEN_NAMES_TABLE: LazyLock<Table<()>> =
    LazyLock::new(|| Table::new(GIVEN_NAMES.split_ascii_whitespace().map(|word| (word, ()))));
static EVERYDAY_TABLE: LazyLock<Table<()>> =
    LazyLock::new(|| Table::new(EVERYDAY.split_ascii_whitespace().map(|word| (word, ()))));

const GIVEN_NAMES: &str = "
aaron abigail adam adele adelheid adolf adrian adriana adriano agathe agim agnes agnieszka agustin ahmed ahmet alain
alan albert alberto aldo aleksandar alena alessandra alessandro alessia alessio alex alexander alexandra alexandre
alexis alfons alfonso alfred alfredo ali alice alina alison alois alvaro alwin amanda amelia amelie amy ana anastasia
andre andrea andreas andree andrej andreja andres andrew andri andrzej angela angelika angelina angelo anita anja anke
ann anna annabelle anne annegret anneke annelies anneliese annemarie annette annie annika anthony antje antoine anton
antonella antonia antonio arben ariane arianna armin arno arnold aron arta arthur ashley astrid aurelia aurelie aurora
axel aylin ayse barbara bastian beat beate beatrice beatrix beatriz benedikt benjamin benno bernadette bernard bernd
bernhard bert berta bertha bertrand besim bettina betty beverly bianca billy birgit bjoern bjorn blerim bobby bonnie
boris braida brandon branko brenda brian brigitta brigitte britta bruce bruno bryan camille carina carl carla carlo
carlos carmela carmen carmine carol carola carolin carolina caroline carolyn carsten caterina catherine cecile cecilia
cedric celia celine cesar cesare chantal charles charlotte cheryl chiara chloe chris christa christel christian
christiana christiane christina christine christof christoph christophe christopher cindy claire clara claude claudia
claudio clemens colette conny constantin cordula corina corinna corinne cornelia cornelis corsin cristian cristina
curdin cynthia cyril daan dagmar dalia damian damien daniel daniela daniele danielle daria dario dave david davide
deborah debra dejan denis denise dennis detlef detlev diana diane diego dieter dietmar dimitri dino dirk dmitri dmytro
dolores domenico dominic dominik dominique donald donatella dora doris dorothea dorothee dorothy douglas dragan drita
duri dusan dylan eberhard eckhard edgar edith edmund edoardo eduard eduardo edward edwin eileen elena eleni eleonora
elfriede eliane elias elif elijah elio elisa elisabeth elise elizabeth elke ella ellen elsa elsbeth else elvira
emanuel emil emilia emilie emilio emily emine emma emmanuel enrico enrique enzo eric erica erich erik erika erna ernst
erwin esther ethan etienne ettore eugen eugene eva eveline evelyn evelyne ewa ewald fabian fabienne fabio fabrice
fatima fatma fatmir fausto federica federico felicitas felix femke ferdinand fernando filip filippo fiona flavia
flavio florence florian flurin franca frances francesca francesco francine francis francisco franco francois francoise
frank franz franziska fred frederic frederik frederique fredy frieda friederike friedrich fritz gabi gabriel gabriela
gabriele gabriella gaby gary gennaro georg george georges georgios gerald geraldine gerard gerd gerda gerhard gerlinde
germaine gerold gerrit gertrud giacomo gian gianluca gianni gilbert gilles gina gino gion giorgio giovanna giovanni
gisela giulia giulio giuseppe goran gordana grazia gregor gregory greta guido guillaume guillermo gunter gunther
gustav guy hanna hannah hannelore hannes hans hansjorg hanspeter hansruedi hansueli harald harold harry hartmut hasan
heather hedi hedwig heidi heike heiko heiner heinrich heinz helen helena helene helga helmut hendrik henk henri
henriette henry herbert hermann hilda hilde hildegard holger horst hubert hugo hugues huseyin ian ibrahim ida ignacio
igor ilona ilse imran ines inga inge ingeborg ingo ingrid irena irene irina iris irma irmgard irmtraud isaac isabel
isabella isabelle isidor ismail ivan ivana ivano ivo jachen jack jacob jacqueline jacques jaime jakob jakub james jan
jana jane janet janice janine jannik jannis jasmin jason javier jean jeanette jeanne jeannette jeanpierre jeffrey
jelena jennifer jens jeremy jeroen jerome jerry jessica jesus jill joachim joan joanna joao joaquin jochen joe joel
joelle joerg johann johanna johannes john johnny jolanda jonas jonathan joost jordi jorg jorge jorn jose josef josefa
josefine joseph josephine joshua josiane josip joyce juan judith judy juerg juergen jules julia julian juliana julie
julien juliette julio julius jurg jurgen justin jutta kai karen karin karina karl karla karoline karsten kaspar
katarina katarzyna katharina katherine kathi kathleen kathrin kathryn kathy katja katrin kees keith kenneth kerstin
kevin kim kimberly klara klaus konrad konstantin kristin kristina kristof krzysztof kurt kyle ladina lara larissa
larry lars laura laurence laurent lawrence lea leah lena leo leon leonard leonardo leonie leopold leslie liam lidia
lilian liliane lillian lina linard linda linus lisa liselotte livia livio lois lorena lorenz lorenzo lori loris lothar
lotte louis louisa louise luc luca lucas lucia luciano lucie lucien lucienne ludwig luigi luis luisa luise lukas luzi
lydia lynn maarten madeleine madlaina magdalena maik maja malgorzata malte manfred manuel manuela mara marc marcel
marcello marco marcus marek margaret margarete margaretha margarita margherita margrit marguerite maria marian
marianne marie marieclaire marielle marijana marijke marika marilyn marina mario marion marisa mark marko markus
marlene marlies marlis marlon marta martha martin martina martine mary massimo mateo mathias mathieu mathilde mathis
matteo matthew matthias mattia maurice maurizio max maxime maximilian maya mehmet melanie melissa merlin mia michael
michel michela michele micheline michelle miguel mike milan mildred milena milos miriam mirjam mirko mohamed mohammed
monica monika monique montserrat moritz muhammad mustafa myriam nadia nadine nadja nancy natalia natalie natascha
nathalie nathan nelly nelson nenad nicholas nick nico nicola nicolas nicole nicolo niklas niklaus nikola nikolaus nils
nina noah noel noemi nora norbert norma nuot nuria olaf oleg oleksandr olena olga oliver olivia olivier omar oscar
oskar osman othmar otmar otto pablo pamela paola paolo pascal pascale pasquale patrice patricia patrick patrizia paul
paula pauline pawel pedro peggy petar peter petr petra philip philipp philippe phyllis pia piero pierre piet pieter
pietro piotr pius priska quentin rachel rafael raffaele rahel raimund rainer ralf ralph ramon ramona randy raphael
raul raymond rebecca regina regine regula reinhard reinhold remo remy renata renate rene renee renzo resi reto ricardo
riccardo richard rico rita robert roberta roberto robin rocco roger roland rolf roman romana romano romy ronald ronny
rosa rosalia rosanna rosemarie rosmarie roswitha roy ruben rudolf ruedi rupert russell ruth ruud ryan sabina sabine
sabrina salome salvatore sam samantha samira samuel sander sandra sandro sanne santiago sara sarah sascha saskia sean
sebastian sebastien selina sepp seraina serge sergei sergej sergio severin sharon shirley sibylle siegfried sigrid
silke silvan silvana silvano silvia silvio simon simona simone slavica slobodan sofia sonia sonja sophia sophie stefan
stefania stefanie stefano steffen stella stephan stephane stephanie stephen steve steven stuart susan susanna susanne
susi suzanne svea sven svenja svetlana sybille sylvain sylvia sylvie tamara tammy tania tanja tatiana tatjana teresa
teuta thea theo theodor theres theresa therese thibault thierry thijs thomas thorsten tiago tim timo timothy tina
tobias tom tomas tomasz tommaso toni torben torsten tristan trudi trudy tullio udo ueli ulf uli ulrich ulrike umberto
urban urs ursina ursula ute uwe valentin valentina valeria valerie valon vanessa vera verena veronica veronika
veronique vesna vicente victor victoria viktor viktoria vincent vincenzo viola virginia virginie vito vittorio viviane
vladimir volker vreni walter waltraud waltraut wanda werner werni wilfried wilhelm willem willi william willie willy
wim wolfgang wolfram xaver yann yannick yasmin yuri yusuf yvan yves yvette yvonne zachary zdenko zeynep zoe zoltan
zora zoran
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
        assert!(NO_MIDDLE.is_sorted(), "it is searched");
    }
}
