// The two word lists behind fingerprint-words.ts: 256 first words and 256 second words, in alphabetical order, distinct, easy to say
// and hard to mishear. FROZEN: changing, adding or moving a word changes what people read out for the same key.

/** Words for even bytes. */
export const FIRST_WORDS = `
acid agile alert alpine amber ample ancient apt arctic arid atomic autumn azure balmy bare basic
bitter black blank blunt bold brave brazen brief bright brisk broad bronze brown bubbly busy calm
candid careful casual cheap chilly civic classic clean clever close cloudy coarse cobalt cold copper coral
cosmic cozy crimson crisp cryptic cubic curly daily damp dapper daring dark dear decent deep dense
digital dim direct distant dizzy double drab dreamy dry dull dusty eager early earthy easy elastic
electric elegant emerald empty epic equal exact exotic express faint fair famous fancy fast feral final
fine firm first fixed flat floral fluent fluffy foggy formal fragile frank free fresh frosty frozen
funny fuzzy gentle giant gifted glad glassy global golden good grand grave gray great green grim
happy hardy harsh hazy heavy hidden hollow honest humble hungry icy ideal indigo inner iron ivory
jade jazzy jolly jumbo junior just keen kind large lavish lazy lean legal level light lilac
linear liquid little lively local lofty lone long loud loyal lucky lunar lush magic major mellow
merry mighty mild minor misty mobile modern modest molten moral muddy mute narrow native navy neat
neutral new nimble noble normal northern novel oaken odd olive open orange outer pale paper patient
pearly perfect pink plain plucky polar polite prime proud public pure purple quick quiet rapid rare
ready red regal river robust rough round royal ruby rural rustic sandy scarlet secret serene sharp
shiny short silent silver simple sleepy slim smooth snowy solar solid sonic spare spicy stark steady
`
  .trim()
  .split(/\s+/);

/** Words for odd bytes. */
export const SECOND_WORDS = `
acorn actor almond anchor ankle antler anvil apple apron arch armor arrow atlas attic badge badger
bagel bamboo banjo barley barn basil basin basket beacon beaver beetle bell bench birch biscuit blanket
boat bonnet book bottle boulder bowl branch bread bridge bronco broom bucket buffalo button cabin cable
cactus camel camera candle canoe canyon carbon cargo carpet carrot castle cedar cello chair chalk cherry
chisel cider circus citrus clover cobra cocoa comet compass condor cookie cottage cotton cougar coyote cradle
crane crater cricket crown crystal curtain cymbal daisy desert diamond dolphin donkey dragon drum eagle easel
elbow elm ember engine falcon feather fender fern fiddle finch flagon flute forest fossil fountain fox
galaxy garden garlic gecko geyser ginger glacier goblet gorilla granite grape grotto guitar hammer hammock harbor
harp hazel hedge helmet heron hickory hornet horse iceberg igloo island jacket jaguar jasmine jersey jewel
jungle kayak kettle kitten koala ladder lagoon lantern lemon leopard lettuce lizard llama lobster locket lotus
magnet mango maple marble meadow melon meteor mirror mitten monkey moose mosaic mule mushroom mustard nectar
needle nutmeg oak oasis ocean octopus onion orchard orchid osprey otter oyster paddle palace panda panther
parcel parrot peach peanut pebble pelican pencil penguin pepper piano pickle pigeon pillow pilot pirate planet
plum pocket pony poplar possum potato prairie puffin pumpkin puppet python quarry rabbit raccoon radish raven
reef ribbon rocket rooster saddle saffron salmon sandal sapling satchel saucer scooter seagull shovel spider spruce
squirrel sugar sunset tablet teapot temple thistle thunder tiger timber tomato tractor trumpet tulip turtle violin
`
  .trim()
  .split(/\s+/);
