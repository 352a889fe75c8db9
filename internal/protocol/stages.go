package protocol

// The stages that exist, in the order of a run.
const (
	Harvesting = "cord-harvest"
	Culturing  = "culture"
	Collecting = "collection"
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
	Waits    []string
	Measures bool // asks for at least one assay
}

// Shapes returns the shape of every stage, in the order of a run.
func Shapes() []Shape {
	return []Shape{
		{Stage: Harvesting, Tasks: []string{Consent, CollectCord, ReceiveCord, Serology}},
		{Stage: Culturing, Tasks: []string{Isolate, Feed, HarvestP0, Seed, Harvest}, Waits: []string{Undisturbed, BetweenFeed, Outgrowth, Expansion}},
		{
			Stage: Collecting, Measures: true,
			Tasks: []string{SeedVessels, Rinse, AddBasal, Collect, CollectBlank, Clarify, ReleaseLot, TakeFromStock},
			Waits: []string{Grow, Condition}, Optional: []string{TakeFromStock},
		},
		{Stage: Treating, ByModel: true, Tasks: []string{Receive, Prepare, ThawAliquot, Treat, TakeSamples}, Waits: []string{Settle, Expose}, Optional: []string{Receive}},
		{Stage: Assaying, ByModel: true, Measures: true},
		{Stage: Analysing},
		{Stage: Reviewing, Tasks: []string{CheckResults, SignReport}},
	}
}

// ShapeOf returns the shape of a stage.
func ShapeOf(stage string) (Shape, bool) {
	for _, s := range Shapes() {
		if s.Stage == stage {
			return s, true
		}
	}
	return Shape{}, false
}
