// Command secretome runs a laboratory's secretome experiments end to end and
// proves where every number came from.
package main

import (
	"os"
	_ "time/tzdata" // time zones, for machines and containers that have none

	"secretome/internal/program"
)

func main() { os.Exit(program.Main(os.Args[1:])) }
