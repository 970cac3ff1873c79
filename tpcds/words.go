package tpcds

// The words that values are made of. Some have apostrophes and accents, since
// what breaks loaders is in the names; those of CHAR columns have no accents,
// which Redshift does not store there.
var (
	firstNames = [...]string{"Ada", "Amelie", "Anders", "Beatriz", "Bjorn", "Carmen", "Chloe", "Dmitri", "Elif", "Esther", "Fatima",
		"Francois", "George", "Grace", "Hakon", "Ines", "Ivan", "Jorg", "Jose", "Karin", "Kwame", "Leila", "Lucia", "Malgorzata",
		"Mary", "Noor", "Olga", "Paul", "Priya", "Renee", "Sana", "Soren", "Tomas", "Ursula", "Viktor", "Wei", "Yuki", "Zoe"}
	lastNames = [...]string{"Adeyemi", "Angstrom", "Bauer", "Castro", "D'Angelo", "D'Souza", "Dvorak", "Eriksen", "Fernandez", "Garcia",
		"Goncalves", "Haddad", "Ivanova", "Jensen", "Kowalski", "Lefevre", "Lopez", "Lukasiewicz", "M'Bala", "Muller", "Nakamura",
		"Nguyen", "Nunez", "O'Brien", "O'Neill", "Okafor", "Patel", "Pena", "Quispe", "Rossi", "Sorensen", "Smith", "Tanaka",
		"Unal", "Vega", "Weiss", "Williams", "Yilmaz", "Zhang", "Zizek"}
	salutations = [...]string{"Mr.", "Mrs.", "Ms.", "Miss", "Sir", "Dr."}
	countries   = [...]string{"BRAZIL", "CANADA", "CÔTE D'IVOIRE", "CURAÇAO", "FRANCE", "GERMANY", "INDIA", "JAPAN", "KENYA", "MEXICO",
		"NIGERIA", "NORWAY", "POLAND", "RÉUNION", "SPAIN", "TÜRKİYE", "UNITED STATES", "VIET NAM"}
	streetNames = [...]string{"Alder", "Birch", "Cañada", "Chestnut", "Church", "Dogwood", "Eighth", "Elm", "Fifth", "Hickory", "Hill",
		"King's", "Lake", "Lincoln", "Maple", "Meadow", "Mill", "North", "Peña", "Pine", "Queen's", "Railroad", "Ridge", "River",
		"Saint-Émilion", "Second", "Spruce", "Sunset", "Third", "View", "Walnut", "Willow"}
	streetTypes = [...]string{"Avenue", "Blvd", "Circle", "Court", "Drive", "Lane", "Parkway", "Road", "Street", "Way"}
	// The first two cities have stores, and the verification query asks for them.
	cities = [...]string{"Fairview", "Midway", "Ashford", "Brookside", "Cañon City", "Cedar Falls", "Clearwater", "Coeur d'Alene", "Eastgate",
		"Five Points", "Glenwood", "Greenfield", "Harbor Springs", "La Cañada", "Lakeside", "L'Anse", "Maplewood", "Mount Olive",
		"New Hope", "Northfield", "Oakdale", "Peñasco", "Pine Hollow", "Red Oak", "Riverton", "San José", "Springdale", "Stillwater",
		"Union Mills", "Westport"}
	states = [...]struct {
		code, county string
		gmt          int // hundredths of an hour
	}{{"AL", "Barbour County", -600}, {"AK", "Sitka Borough", -900}, {"CA", "Del Norte County", -800}, {"CO", "Fremont County", -700},
		{"GA", "Habersham County", -500}, {"ID", "Kootenai County", -800}, {"IL", "Champaign County", -600}, {"KS", "Doniphan County", -600},
		{"LA", "Evangeline Parish", -600}, {"MD", "Prince George's County", -500}, {"MD", "Queen Anne's County", -500},
		{"MI", "Grand Traverse County", -500}, {"MN", "Lac qui Parle County", -600}, {"MT", "Musselshell County", -700},
		{"NM", "Doña Ana County", -700}, {"NY", "Essex County", -500}, {"OH", "Coshocton County", -500}, {"TN", "Williamson County", -600},
		{"TX", "Uvalde County", -600}, {"WA", "Kitsap County", -800}}
	locationTypes = [...]string{"apartment", "condo", "single family"}

	categories = [...]struct {
		name    string
		classes [4]string
	}{{"Books", [4]string{"atlases", "cooking", "history", "travel"}}, {"Children", [4]string{"infants", "newborn", "school-uniforms", "toddlers"}},
		{"Electronics", [4]string{"audio", "cameras", "monitors", "portable"}}, {"Home", [4]string{"bedding", "decor", "lighting", "rugs"}},
		{"Jewelry", [4]string{"bracelets", "earings", "rings", "watches"}}, {"Men", [4]string{"accessories", "pants", "shirts", "sports-apparel"}},
		{"Music", [4]string{"classical", "country", "pop", "rock"}}, {"Shoes", [4]string{"athletic", "kids", "mens", "womens"}},
		{"Sports", [4]string{"archery", "camping", "fishing", "sailing"}}, {"Women", [4]string{"dresses", "fragrances", "maternity", "swimwear"}}}
	makers         = [...]string{"able", "anti", "bar", "cally", "eing", "ese", "ought", "pri"}
	sizes          = [...]string{"N/A", "extra large", "large", "medium", "petite", "small"}
	colors         = [...]string{"almond", "azure", "burlywood", "cafe au lait", "chartreuse", "crimson", "ivory", "lavender", "navajo", "orchid", "peru", "rose", "saffron", "turquoise"}
	units          = [...]string{"Box", "Bunch", "Carton", "Case", "Dozen", "Each", "Gram", "Lb", "Oz", "Pallet", "Pound", "Tbl", "Ton", "Unknown"}
	adjectives     = [...]string{"bright", "children's", "compact", "everyday", "folding", "hand-made", "lasting", "light", "modern", "quiet", "simple", "sturdy", "traveller's", "warm"}
	nouns          = [...]string{"basket", "blanket", "bowl", "companion", "frame", "jacket", "kettle", "lamp", "notebook", "puree mill", "satchel", "speaker", "stool", "watch"}
	hours          = [...]string{"8AM-4PM", "8AM-8AM", "8AM-12AM"}
	storeNames     = [...]string{"able", "anti", "bar", "cally", "eing", "ese", "ought"}
	buyPotentials  = [...]string{"0-500", "501-1000", "1001-5000", "5001-10000", ">10000", "Unknown"}
	genders        = [...]string{"M", "F"}
	marital        = [...]string{"M", "S", "D", "W", "U"}
	educations     = [...]string{"Primary", "Secondary", "College", "2 yr Degree", "4 yr Degree", "Advanced Degree", "Unknown"}
	creditRatings  = [...]string{"Good", "Low Risk", "High Risk", "Unknown"}
	emailProviders = [...]string{"example.com", "example.net", "example.org"}
)
