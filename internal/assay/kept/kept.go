// Package kept is the method of what this program does not compute: the
// instrument's file is kept under its hash, and what a person read off it
// stands in the fields of the reading task. There are no values to compare.
package kept

import "secretome/internal/assay"

// Assay is the method.
var Assay = assay.Assay{Name: "kept", Version: "1", Compute: compute}

func compute(in assay.Input) (assay.Result, error) {
	return assay.Result{
		Unit: in.Assay.Unit, Values: []assay.Value{}, Named: []assay.Named{},
		Flags: []string{"the file is kept and not computed: what was read off it stands in the task's fields"},
	}, nil
}
