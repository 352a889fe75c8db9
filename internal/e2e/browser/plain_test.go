package browser

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"secretome/internal/record"
)

// Without script a file goes with its form, and need not be chosen again where the
// form is refused for another reason.
func TestAPhotoIsSentWithoutScript(t *testing.T) {
	b := at(t, "receive", 105)
	b.received()
	try(b.tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.follow(b.hand, "link", "Record deviation")
	b.giveTo(b.hand, "Photo", b.file("spill.png", []byte("a picture of what was spilt")))
	b.follow(b.hand, "button", "Record the deviation")
	b.see("Say what happened")
	b.see("Here: spill.png")
	b.hand.write(b.tab, "In your words", "the flask fell over")
	b.follow(b.hand, "button", "Record the deviation")
	b.see("the flask fell over")
	b.giveTo(b.hand, "picture of the cord", b.file("cord.png", []byte("a picture of the cord")))
	b.follow(b.hand, "button", "Complete step 3")
	b.see("Step 3 is recorded")
	for kind, want := range map[record.Kind]string{record.TaskAttached: "spill.png", record.StepDone: "cord.png"} {
		all := b.records(kind)
		last := all[len(all)-1].Record
		entered, err := record.Read[record.Entered](last)
		if err != nil {
			t.Fatal(err)
		}
		if got := entered.Entries[0].File; got == nil || got.Name != want || got.Size == 0 {
			t.Errorf("the record %s has the file %+v", kind, got)
		}
	}
}

// A tablet has two ways to bring a photo, of which one opens the camera; with
// script nothing is sent twice.
func TestATabletOffersItsCamera(t *testing.T) {
	b := at(t, "receive", 106)
	b.received()
	if got := call[int](b.tab, b.find("button", "Choose a file"), `function() { return document.querySelectorAll("[capture], form [name^='f-']").length; }`); got != 0 {
		t.Errorf("a step that asks for any file has %d cameras and choosers that the form sends", got)
	}
	b.follow(b.hand, "link", "Note or photo")
	camera := b.find("button", "Take a photo")
	const least = 48 // px: the design's, of the page of a task
	if s := b.spot(camera); s.Height < least || s.Width < least {
		t.Errorf("the button of the camera is %.0f × %.0f px", s.Width, s.Height)
	}
	if got := call[string](b.tab, camera, `function() { return this.accept + " " + this.getAttribute("capture") + " " + this.name; }`); got != "image/* environment " {
		t.Errorf("the camera is %q", got)
	}
	b.giveTo(b.hand, "Take a photo", b.file("bench.png", []byte("a picture of the bench")))
	b.see("is stored")
	b.follow(b.hand, "button", "Add the file")
	b.see("bench.png")
}
