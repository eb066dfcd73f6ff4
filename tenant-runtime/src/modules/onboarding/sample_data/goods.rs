//! What the sample data are: a small shop for coffee and tea. Names are in English, as all that the API says.

/// The category under which everything lies, and those within it.
pub const ROOT: &str = "Sample data";
pub const CATEGORIES: &[&str] = &["Coffee", "Tea", "Treats", "Brewing", "Cups"];

/// What a code begins with, so that samples are told from real ones at a glance.
pub const PREFIX: &str = "SAMPLE";

/// The sites, by the end of their code.
pub const WAREHOUSE: (&str, &str) = ("WH", "Sample warehouse");
pub const SHOP: (&str, &str) = ("SHOP", "Sample shop");

/// What a product is to the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Kept in stock, and moved.
    Stocked,
    /// A draft of which nothing has come yet.
    Draft,
    /// Work.
    Service,
}

/// A product.
#[derive(Debug, Clone, Copy)]
pub struct Good {
    pub name: &'static str,
    pub category: &'static str,
    pub brand: &'static str,
    pub description: &'static str,
    pub part: Part,
    pub variants: &'static [Kind],
}

/// A variant: end of its SKU, name, price and cost in hundredths.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub sku: &'static str,
    pub name: &'static str,
    pub price: i64,
    pub cost: i64,
}

const fn good(name: &'static str, category: &'static str, brand: &'static str, description: &'static str, variants: &'static [Kind]) -> Good {
    Good { name, category, brand, description, part: Part::Stocked, variants }
}

const fn kind(sku: &'static str, name: &'static str, price: i64, cost: i64) -> Kind {
    Kind { sku, name, price, cost }
}

const ROASTERS: &str = "Harbour Roasters";
const LEAF: &str = "Leaf & Co";
const SWEET: &str = "Corner Bakery";
const STEEL: &str = "Kettleworks";
const CLAY: &str = "Clayhouse";

pub const GOODS: &[Good] = &[
    good(
        "House espresso",
        "Coffee",
        ROASTERS,
        "Dark roast, whole beans.",
        &[kind("ESP-250", "250 g", 690, 310), kind("ESP-1000", "1 kg", 2390, 1120)],
    ),
    good(
        "Ethiopia Yirgacheffe",
        "Coffee",
        ROASTERS,
        "Light roast, floral, whole beans.",
        &[kind("ETH-250", "250 g", 890, 430), kind("ETH-1000", "1 kg", 3190, 1590)],
    ),
    good(
        "Colombia Huila",
        "Coffee",
        ROASTERS,
        "Medium roast, caramel, whole beans.",
        &[kind("COL-250", "250 g", 790, 370), kind("COL-1000", "1 kg", 2790, 1340)],
    ),
    good("Decaf Brazil", "Coffee", ROASTERS, "Medium roast without caffeine.", &[kind("DEC-250", "250 g", 850, 410)]),
    good("Cold brew", "Coffee", ROASTERS, "Ready to drink.", &[kind("CBR-330", "330 ml", 390, 160)]),
    good("Earl Grey", "Tea", LEAF, "Black tea with bergamot.", &[kind("EAR-100", "100 g", 590, 240), kind("EAR-TIN", "Tin, 125 g", 990, 460)]),
    good("Sencha", "Tea", LEAF, "Green tea.", &[kind("SEN-100", "100 g", 690, 290)]),
    good("Rooibos vanilla", "Tea", LEAF, "Without caffeine.", &[kind("ROO-100", "100 g", 490, 190)]),
    good("Camomile", "Tea", LEAF, "Whole flowers.", &[kind("CAM-050", "50 g", 450, 170)]),
    good("Chai", "Tea", LEAF, "Black tea with spices.", &[kind("CHA-100", "100 g", 620, 260)]),
    good("Dark chocolate", "Treats", SWEET, "70 % cocoa.", &[kind("DCH-080", "80 g", 320, 140)]),
    good("Milk chocolate with salt", "Treats", SWEET, "With flakes of sea salt.", &[kind("MCH-080", "80 g", 320, 140)]),
    good("Drinking chocolate", "Treats", SWEET, "For two dozen cups.", &[kind("DRC-250", "250 g", 740, 330)]),
    good("Almond biscotti", "Treats", SWEET, "Baked twice.", &[kind("BIS-200", "200 g", 480, 200)]),
    good("French press", "Brewing", STEEL, "Glass and steel.", &[kind("FRP-350", "350 ml", 2490, 1180), kind("FRP-1000", "1 l", 3490, 1690)]),
    good("Dripper", "Brewing", CLAY, "For filters 02.", &[kind("DRP-WHI", "White", 1890, 820), kind("DRP-BLK", "Black", 1890, 820)]),
    good("Paper filters 02", "Brewing", STEEL, "100 pieces.", &[kind("FIL-100", "", 590, 210)]),
    good("Hand grinder", "Brewing", STEEL, "Conical steel burr.", &[kind("GRD-HND", "", 5900, 3100)]),
    good("Gooseneck kettle", "Brewing", STEEL, "0.8 l, for every stove.", &[kind("KET-080", "", 4490, 2280)]),
    good("Espresso cup", "Cups", CLAY, "With saucer.", &[kind("ECP-WHI", "White", 990, 410), kind("ECP-TER", "Terracotta", 990, 410)]),
    good("Mug", "Cups", CLAY, "350 ml.", &[kind("MUG-WHI", "White", 1290, 520), kind("MUG-SEA", "Sea green", 1290, 520)]),
    good("Travel mug", "Cups", STEEL, "Keeps warm for four hours.", &[kind("TRV-350", "", 2290, 1050)]),
    Good {
        name: "Cold brew set",
        category: "Brewing",
        brand: STEEL,
        description: "A draft: carafe, filter and a bag of beans, to come in summer.",
        part: Part::Draft,
        variants: &[kind("CBS-SET", "", 4900, 2400)],
    },
    Good {
        name: "Brewing course",
        category: "Brewing",
        brand: ROASTERS,
        description: "Two hours at the shop. Work: nothing of it is kept in stock.",
        part: Part::Service,
        variants: &[kind("CRS-2H", "", 3900, 1500)],
    },
];

/// The variants that are kept in stock.
pub fn stocked() -> impl Iterator<Item = &'static Kind> {
    GOODS.iter().filter(|good| good.part == Part::Stocked).flat_map(|good| good.variants)
}
