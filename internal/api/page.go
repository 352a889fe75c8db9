package api

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// toldPage is the document in the order in which it is read.
type toldPage struct {
	openDocument
	Parts   []toldPart
	Schemas []toldSchema
	Problem openBody
}

type toldPart struct {
	Name, Description string
	Operations        []toldOperation
}

type toldOperation struct {
	openOperation
	Method, Path string
	Open         bool // needs no token
	In, Out      []toldBody
	Problems     []string // statuses
	Other        []toldStatus
}

type toldBody struct {
	openBody
	Media, Status, Description string
	Headers                    []string
}

type toldStatus struct{ Status, Description string }

type toldSchema struct {
	openSchema
	Name string
}

func (d openDocument) told() toldPage {
	p := toldPage{openDocument: d, Problem: d.Components.Responses["Problem"].Content["application/problem+json"]}
	for _, tag := range d.Tags {
		part := toldPart{Name: tag.Name, Description: tag.Description}
		for path, item := range d.Paths {
			for method, op := range item {
				if slices.Contains(op.Tags, tag.Name) {
					part.Operations = append(part.Operations, toldOf(strings.ToUpper(method), path, op))
				}
			}
		}
		slices.SortFunc(part.Operations, func(a, b toldOperation) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(order(a.Method), order(b.Method)))
		})
		p.Parts = append(p.Parts, part)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		p.Schemas = append(p.Schemas, toldSchema{d.Components.Schemas[name], name})
	}
	return p
}

func order(method string) int {
	return slices.Index([]string{"GET", "POST", "PATCH", "DELETE"}, method)
}

func toldOf(method, path string, op openOperation) toldOperation {
	o := toldOperation{openOperation: op, Method: method, Path: prefix + path, Open: op.Security != nil && len(op.Security) == 0}
	for media, body := range op.RequestBody.Content {
		o.In = append(o.In, toldBody{openBody: body, Media: media})
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		switch {
		case len(r.Content) > 0:
			for media, body := range r.Content {
				o.Out = append(o.Out, toldBody{body, media, status, r.Description, slices.Sorted(maps.Keys(r.Headers))})
			}
		case r.Description != "":
			o.Other = append(o.Other, toldStatus{status, r.Description})
		case status != "default":
			o.Problems = append(o.Problems, status)
		}
	}
	return o
}
