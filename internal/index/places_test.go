package index_test

import (
	"testing"
	"time"

	"secretome/internal/index"
	"secretome/internal/record"
)

func TestPlaceLogsAreListedByTheirFirstReading(t *testing.T) {
	b := begin(t, "lab")
	later := record.PlaceLog{Place: "F1", From: noon.Add(time.Hour), To: noon.Add(2 * time.Hour), Low: "-81 Cel", High: "-79 Cel", Readings: 12, Missing: 1, Zone: "Europe/Vienna", Source: "b.csv", Artifact: file("b.csv")}
	earlier := record.PlaceLog{Place: "F1", From: noon, To: noon.Add(time.Hour), Source: "a.csv", Artifact: file("a.csv")}
	b.add("Tim", record.PlaceLogged, record.Subject{}, later)
	b.add("Ada", record.PlaceLogged, record.Subject{}, earlier)
	logs := must[[]index.PlaceLog](t)(b.x.PlaceLogs(t.Context()))
	if len(logs) != 2 || logs[0].PlaceLog != earlier || logs[1].PlaceLog != later {
		t.Fatalf("logs are %+v", logs)
	}
	if l := logs[1]; l.By != "Tim" || l.Record.Logbook != "lab" || l.Record.Number != 1 || !l.Received.Equal(noon.Add(time.Minute)) {
		t.Errorf("the record is told as %+v", l)
	}
}
