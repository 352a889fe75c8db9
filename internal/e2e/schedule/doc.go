// Package schedule tries what several people do at the same time to the same lots
// and tasks, on a real Temporal server and real logbooks, and holds what they were
// answered against the rules of packages sample and task: there must be an order,
// one act after the other, in which everybody would have been answered the same.
//
// SECRETOME_SCHEDULES is how many schedules are tried, SECRETOME_SEED the number of
// the first one; a schedule follows from its number.
package schedule
