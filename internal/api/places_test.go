package api

import (
	"bytes"
	"strings"
	"testing"

	"secretome/internal/client"
	"secretome/internal/fault"
)

func TestAPlaceKeepsItsNameOverTheWire(t *testing.T) {
	server, people := serve(t, &bytes.Buffer{})
	as := func(name string) *client.Client {
		token, _ := people.Token(name)
		c, err := client.New(client.Options{URL: server.URL, Token: token})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	tim, ada := as("Tim"), as("Ada")
	keep := func(c *client.Client, place, text string) (client.PlaceLogged, error) {
		t.Helper()
		stored, err := tim.Upload(t.Context(), client.NewRequest(), strings.NewReader(text), client.Upload{Name: "a.csv", MediaType: "text/csv", Size: int64(len(text))})
		if err != nil {
			t.Fatal(err)
		}
		return c.LogPlace(t.Context(), client.NewRequest(), place, client.PlaceLog{Artifact: stored.SHA256, Name: "a.csv", Zone: "UTC"})
	}
	const readings = "time;temp (°C)\n2026-03-02 14:05;-80,5\n2026-03-02 14:10;-79\n"
	for _, place := range []string{"F-80-2", "F 80/2, rack B?", "Kühlschrank 1"} {
		done, err := keep(tim, place, readings)
		if err != nil || done.Log.Place != place || done.Log.Low != "-80.5 Cel" || done.Record.Logbook != "lab" {
			t.Errorf("%s: logged %+v, %v", place, done, err)
		}
		if v, err := ada.Place(t.Context(), place); err != nil || v.Place.Place != place || len(v.Logs) != 1 || v.Coverage.Fraction != 1 {
			t.Errorf("%s: %+v, %v", place, v, err)
		}
	}
	if all, err := ada.Places(t.Context()); err != nil || len(all) != 3 {
		t.Errorf("places are %+v, %v", all, err)
	}
	if _, err := keep(ada, "F", readings); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an auditor keeps a log: %v", err)
	}
	_, err := keep(tim, "F", "time;temp (°C)\nx;1\n2026-03-02 14:05;y\n")
	if all := client.Faults(err); len(all) != 2 || all[0].Place.Line != 2 || all[1].Place.Line != 3 || all[1].Help == "" {
		t.Errorf("two mistakes arrive as %v", all)
	}
	if _, err := ada.Custody(t.Context(), "CM-1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("custody of nothing: %v", err)
	}
}
