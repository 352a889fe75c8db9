package protocol

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"

	"secretome/internal/fault"
)

const (
	maxBytes = 1 << 20 // of a document
	maxDepth = 24      // of nesting; a protocol needs 11
	maxList  = 500     // entries of one list or mapping
)

// Parse reads a protocol from YAML and checks it against the stages' shapes.
// file is the name that mistakes are told with; nothing is opened.
//
// Only plain YAML is taken: no unknown or repeated keys, no anchors, aliases or
// tags, one document. A word is kept as it is written, so that yes stays yes
// and 010 stays 010. Parse fails with [Faults], which hold all mistakes that
// can be told at once, each with its line and column.
func Parse(file string, data []byte) (Protocol, error) {
	root, err := document(file, data)
	if err != nil {
		return Protocol{}, Faults{fault.Of(err)}
	}
	r := newReader(file)
	if root.Kind != yaml.MappingNode {
		r.add(root, "", "%s stands where a protocol belongs", kind(root)).Try("begin with protocol: and its name")
		return Protocol{}, r.faults
	}
	var p Protocol
	r.read(root, &p)
	l := linter{p: p, source: r}
	l.protocol()
	if all := append(r.faults, l.faults...).sorted(); len(all) > 0 {
		return Protocol{}, all
	}
	return p, nil
}

// document returns the root of the one YAML document in data.
func document(file string, data []byte) (*yaml.Node, error) {
	at := fault.Place{File: file}
	if len(data) > maxBytes {
		return nil, fault.New(fault.Invalid, "the file has %d bytes, a protocol has at most %d", len(data), maxBytes).At(at).Try("is this the right file?")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "the file is empty").At(at).Try("is this the right file?")
	} else if err != nil {
		return nil, noYAML(at, err, data)
	}
	if len(doc.Content) != 1 {
		return nil, fault.New(fault.Invalid, "the file is empty").At(at).Try("is this the right file?")
	}
	if err := decoder.Decode(&second); err == nil {
		at.Line, at.Column = second.Line, second.Column
		return nil, fault.New(fault.Invalid, "a second document begins here").At(at).Try("keep one protocol in a file: take out the line ---")
	} else if !errors.Is(err, io.EOF) {
		return nil, noYAML(at, err, data)
	}
	if n := tooDeep(doc.Content[0], maxDepth); n != nil {
		at.Line, at.Column = n.Line, n.Column
		return nil, nestedTooDeep(at)
	}
	return doc.Content[0], nil
}

// tooDeep returns the first node that lies deeper than left levels.
func tooDeep(n *yaml.Node, left int) *yaml.Node {
	if left == 0 {
		return n
	}
	for _, child := range n.Content {
		if deep := tooDeep(child, left-1); deep != nil {
			return deep
		}
	}
	return nil
}
