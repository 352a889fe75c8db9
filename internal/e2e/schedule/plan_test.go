package schedule

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"secretome/internal/lab"
	"secretome/internal/record"
	"secretome/internal/task"
)

// What a schedule is about.
const (
	tasks = 2
	lots  = 2
	vials = 3
)

// How an act is sent.
const (
	once       = iota
	twice      // the same request from two places at the same time
	afterwards // the same request again after its answer
)

// deed is one act of a client. Which of its numbers mean something depends on what
// it does.
type deed struct {
	Task   task.Verb   // what is done to a task, or
	Lot    record.Kind // to a lot
	On     int         // number of the task or lot
	Step   string
	From   int    // the lot that a step draws from
	Amount string //
	Pick   int    // one of the draws before, of the barcodes or of the people
	Sent   int
}

func (d deed) String() string {
	words := []string{string(d.Task), string(d.Lot), d.Step, fmt.Sprintf("%d", d.On)}
	if d.Step != "" {
		words = append(words, fmt.Sprintf("from %d", d.From))
	}
	words = append(words, d.Amount, fmt.Sprintf("pick %d", d.Pick), []string{"", "twice", "and again"}[d.Sent])
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// plan is a schedule: what each client does, one deed after the other.
type plan struct {
	Seed    int
	Amounts [lots]string
	Expires int  // of lot 1: 0 never, 1 before it begins, 2 while it is in use
	Long    bool // what is written is so long that lot 0 and task 0 turn a page
	Clients [][]deed
}

func (p plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "schedule %d: lots of %v, expiry %d, long %t\n", p.Seed, p.Amounts, p.Expires, p.Long)
	for i, deeds := range p.Clients {
		fmt.Fprintf(&b, "  %s: %v\n", people()[i].Name, deeds)
	}
	return b.String()
}

// planned is the schedule with a number.
func planned(seed int) plan {
	const seldom, few = 50, 3 // long texts fill the memory
	p := plans().Example(seed)
	p.Seed, p.Long = seed, seed%seldom == 5
	if !p.Long {
		return p
	}
	for i, deeds := range p.Clients {
		var all []deed
		for i, d := range deeds {
			if all = append(all, d); i >= few {
				continue
			}
			all = append(all, deed{Lot: record.LotOpened, Sent: d.Sent}, deed{Task: task.Comment})
		}
		p.Clients[i] = all
	}
	return p
}

func plans() *rapid.Generator[plan] {
	return rapid.Custom(func(t *rapid.T) plan {
		amount := rapid.SampledFrom([]string{"2 mL", "5 mL", "5000 uL", "10 mL"})
		p := plan{Amounts: [lots]string{amount.Draw(t, "lot 0"), amount.Draw(t, "lot 1")}, Expires: rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2}).Draw(t, "expires")}
		for i := range rapid.IntRange(3, 5).Draw(t, "clients") {
			var deeds []deed
			for range rapid.IntRange(1, 3).Draw(t, "parts") {
				deeds = append(deeds, part(t, i)...)
			}
			p.Clients = append(p.Clients, deeds)
		}
		return p
	})
}

// part is some deeds that a person does in a row: work on a task, or acts on lots.
func part(t *rapid.T, who int) []deed {
	if people()[who].Role == "technician" && rapid.IntRange(0, 2).Draw(t, "work") > 0 {
		return work(t, who)
	}
	var deeds []deed
	for range rapid.IntRange(1, 3).Draw(t, "acts") {
		d := sent(t, deed{Lot: rapid.SampledFrom([]record.Kind{
			record.LotDrawn, record.LotDrawn, record.LotDrawn, record.LotReturned, record.LotReturned, record.LotCorrected, record.LotCorrected,
			record.LotWrittenOff, record.LotHeld, record.LotFreed, record.LotFreed, record.LotReleased, record.LotMoved, record.LotRejected,
		}).Draw(t, "kind"), On: rapid.IntRange(0, lots-1).Draw(t, "lot")})
		if d.Lot == record.LotRejected && rapid.IntRange(0, 3).Draw(t, "rarely") > 0 { // nothing comes after it
			d.Lot = record.LotDrawn
		}
		if lab.Allowed(people()[who], lab.ToLot(d.Lot)) != nil {
			d.Lot = record.LotDrawn
		}
		deeds = append(deeds, d)
	}
	return deeds
}

// work is a task from its claim to wherever the person gets.
func work(t *rapid.T, who int) []deed {
	on := who % tasks // mostly a task of one's own
	if rapid.IntRange(0, 2).Draw(t, "other's") == 0 {
		on = rapid.IntRange(0, tasks-1).Draw(t, "task")
	}
	deeds := []deed{{Task: task.Claim}, {Task: task.Step, Step: "take"}, {Task: task.Step, Step: "split"}, {Task: task.Step, Step: "fill"}, {Task: task.Complete}}
	switch rapid.IntRange(0, 5).Draw(t, "turn") {
	case 0: // corrects what was taken, twice
		again := deed{Task: task.Step, Step: "take"}
		deeds = append(deeds[:2:2], append([]deed{again, again}, deeds[2:]...)...)
	case 1: // corrects what was filled
		deeds = append(deeds[:4:4], append([]deed{{Task: task.Step, Step: "fill"}}, deeds[4:]...)...)
	case 2:
		deeds = append(deeds[:2:2], append([]deed{{Task: task.HandOver}}, deeds[2:]...)...)
	case 3:
		deeds = append(deeds[:3:3], deed{Task: task.Release}, deed{Task: task.Comment})
	}
	for i := range deeds {
		deeds[i].On = on
		deeds[i] = sent(t, deeds[i])
	}
	return deeds
}

// sent draws how a deed is sent, and its numbers.
func sent(t *rapid.T, d deed) deed {
	d.Sent = rapid.SampledFrom([]int{once, once, once, twice, afterwards}).Draw(t, "sent")
	d.From = rapid.IntRange(0, lots-1).Draw(t, "from")
	d.Amount = rapid.SampledFrom([]string{"0.1 mL", "300 uL", "0.5 mL", "1 mL", "2 mL", "1 L", "0.2 mL", "50 uL"}).Draw(t, "amount")
	d.Pick = rapid.IntRange(0, 20).Draw(t, "pick")
	return d
}
