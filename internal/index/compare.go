package index

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// compare calls differs with each row of a table that two indexes do not share,
// in the order of the keys. Both tables are read once, side by side.
func compare(ctx context.Context, t table, before, after *Index, differs func(Difference)) error {
	a, err := open(ctx, before, t)
	if err != nil {
		return err
	}
	defer a.rows.Close()
	b, err := open(ctx, after, t)
	if err != nil {
		return err
	}
	defer b.rows.Close()
	for a.next() && b.next() && (!a.over || !b.over) {
		order := a.order(b)
		d := Difference{Table: t.name}
		if order <= 0 {
			d.Key, d.Old = a.take(t.key)
		}
		if order >= 0 {
			d.Key, d.New = b.take(t.key)
		}
		if d.Old != d.New {
			differs(d)
		}
	}
	return cmp.Or(before.explain(a.err), after.explain(b.err))
}

// cursor reads the rows of one table in the order of their keys.
type cursor struct {
	rows   *sql.Rows
	key    int
	values []any // of the present row; nil before it is read
	over   bool
	err    error
}

func open(ctx context.Context, x *Index, t table) (*cursor, error) {
	keys := make([]string, t.key)
	for i := range keys {
		keys[i] = fmt.Sprint(i + 1)
	}
	rows, err := x.reader.QueryContext(ctx, "SELECT * FROM "+t.name+" ORDER BY "+strings.Join(keys, ", "))
	if err != nil {
		return nil, x.explain(err)
	}
	return &cursor{rows: rows, key: t.key}, nil
}

// next makes sure that there is a present row, unless the table is over. It is
// false after an error.
func (c *cursor) next() bool {
	if c.values != nil || c.over {
		return c.err == nil
	}
	if !c.rows.Next() {
		c.over, c.err = true, c.rows.Err()
		return c.err == nil
	}
	columns, err := c.rows.Columns()
	if err != nil {
		c.err = err
		return false
	}
	c.values = make([]any, len(columns))
	places := make([]any, len(columns))
	for i := range places {
		places[i] = &c.values[i]
	}
	c.err = c.rows.Scan(places...)
	return c.err == nil
}

// order compares the keys of two present rows as the database sorts them; the
// end of a table comes last.
func (c *cursor) order(other *cursor) int {
	if c.over || other.over {
		return cmp.Compare(flag(c.over), flag(other.over))
	}
	for i := range c.key {
		if o := compareValues(c.values[i], other.values[i]); o != 0 {
			return o
		}
	}
	return 0
}

// compareValues sorts numbers before text, as SQLite does.
func compareValues(a, b any) int {
	x, number := a.(int64)
	y, other := b.(int64)
	switch {
	case number && other:
		return cmp.Compare(x, y)
	case number != other:
		return flag(other) - flag(number)
	}
	return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

// take returns key and text of the present row and goes on.
func (c *cursor) take(key int) (string, string) {
	text := make([]string, len(c.values))
	for i, v := range c.values {
		text[i] = fmt.Sprint(v)
	}
	c.values = nil
	return strings.Join(text[:key], " "), strings.Join(text, " | ")
}
