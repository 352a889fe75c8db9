package lab

import (
	"testing"

	"secretome/internal/record"
)

func TestAReportIsFinalWhileItsNewestVersionIsSigned(t *testing.T) {
	body, err := record.Body(record.Made{})
	if err != nil {
		t.Fatal(err)
	}
	report := record.Record{Draft: record.Draft{Kind: record.ReportMade, Body: body}}
	signature := record.Record{Draft: record.Draft{Kind: record.Signed}}
	var o Outcomes
	for n, step := range []struct {
		record record.Record
		final  bool
	}{{report, false}, {signature, true}, {report, false}, {signature, true}} {
		step.record.Number = int64(n + 1)
		o.tell(step.record)
		if o.Final != step.final {
			t.Errorf("after record %d the report is final: %t", n+1, o.Final)
		}
	}
}
