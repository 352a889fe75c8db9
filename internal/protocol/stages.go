package protocol

// The stages that exist, in the order of a run.
const (
	Harvesting = "cord-harvest"
	Culturing  = "culture"
	Collecting = "collection"
	Stocking   = "from-stock" // instead of the three before it
	Treating   = "treatment"
	Assaying   = "assay"
	Analysing  = "analysis"
	Reviewing  = "review"
)

// The tasks and waits that the stages' code asks for.
const (
	Consent     = "consent"      // cord-harvest
	CollectCord = "collect-cord" //
	ReceiveCord = "receive-cord" //
	Serology    = "serology"     //

	Isolate     = "isolate"       // culture
	Feed        = "feed"          //
	HarvestP0   = "harvest-p0"    //
	Seed        = "seed"          //
	Harvest     = "harvest"       //
	Undisturbed = "undisturbed"   // wait
	Outgrowth   = "outgrowth"     // wait
	BetweenFeed = "between-feeds" // wait
	Expansion   = "expansion"     // wait

	SeedVessels   = "seed-vessels"           // collection
	Grow          = "grow"                   // wait
	Rinse         = "rinse"                  //
	AddBasal      = "add-basal-medium"       //
	Condition     = "condition"              // wait
	Collect       = "collect"                //
	CollectBlank  = "collect-unconditioned"  // the matched unconditioned medium
	Clarify       = "clarify-filter-aliquot" //
	ReleaseLot    = "release-lot"            //
	TakeFromStock = "take-from-stock"        //

	Receive     = "receive"      // treatment
	Prepare     = "prepare"      //
	Settle      = "settle"       // wait
	ThawAliquot = "thaw-aliquot" //
	Treat       = "treat"        //
	Expose      = "expose"       // wait
	TakeSamples = "take-samples" //

	LockData   = "lock-data"   // analysis, where groups are sealed
	OpenKey    = "open-key"    //
	ConfirmKey = "confirm-key" // by a second person

	CheckResults = "check-results" // review
	SignReport   = "sign-report"   //
)

// Shape is what a stage's code relies on: its tasks in order, its waits, and
// what it needs besides.
type Shape struct {
	Stage    string
	ByModel  bool     // once a model and block, else once a run
	Tasks    []string // in order; all needed unless in Optional
	Optional []string
	Sealing  []string // needed where groups are sealed, and only there
	Makes    bool     // makes the lots: either these stages stand in a protocol, or one that takes them from stock
	Waits    []string
	Measures bool // asks for at least one assay
}

// Shapes returns the shape of every stage, in the order of a run.
func Shapes() []Shape {
	return []Shape{
		{Stage: Harvesting, Makes: true, Tasks: []string{Consent, CollectCord, ReceiveCord, Serology}},
		{Stage: Culturing, Makes: true, Tasks: []string{Isolate, Feed, HarvestP0, Seed, Harvest}, Waits: []string{Undisturbed, BetweenFeed, Outgrowth, Expansion}},
		{
			Stage: Collecting, Makes: true, Measures: true,
			Tasks: []string{SeedVessels, Rinse, AddBasal, Collect, CollectBlank, Clarify, ReleaseLot, TakeFromStock},
			Waits: []string{Grow, Condition}, Optional: []string{TakeFromStock},
		},
		{Stage: Stocking, Tasks: []string{TakeFromStock}},
		{Stage: Treating, ByModel: true, Tasks: []string{Receive, Prepare, ThawAliquot, Treat, TakeSamples}, Waits: []string{Settle, Expose}, Optional: []string{Receive}},
		{Stage: Assaying, ByModel: true, Measures: true},
		{Stage: Analysing, Tasks: []string{LockData, OpenKey, ConfirmKey}, Sealing: []string{LockData, OpenKey, ConfirmKey}},
		{Stage: Reviewing, Tasks: []string{CheckResults, SignReport}},
	}
}

// Steps is the kind of a stage whose flow stands in the protocol.
const Steps = "steps"

// ShapeOf returns the shape of a stage.
func ShapeOf(stage string) (Shape, bool) {
	for _, s := range Shapes() {
		if s.Stage == stage {
			return s, true
		}
	}
	return Shape{}, false
}
