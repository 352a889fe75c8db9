package api

import (
	"net/http"
	"time"

	"secretome/internal/client"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// operation is what the document says of one address and method beyond what the
// router knows: the words, the messages and an example of each.
type operation struct {
	id, part, summary, about string

	in  any    // example of the message, of its type; nil: there is none
	raw string // media type of a body that is no message

	out    any    // example of the answer, of its type; nil: there is none
	file   string // media type of an answer that is no message
	status int    // of the answer; 0: 200
	also   []int  // further answers that are no problems

	headers  []string // of the answer
	problems []int    // beyond those that every address has
}

const (
	exampleRun  = "UCM-2026-014"
	exampleTask = "task/UCM-2026-014/cord-harvest/receive-cord/1"
	exampleHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	exampleID   = "01980000-0000-7000-8000-000000000001"
)

func at(hour, minute int) time.Time { return time.Date(2026, 3, 2, hour, minute, 0, 0, time.UTC) }

func ref(book string, number int64) record.Ref {
	return record.Ref{Logbook: book, Number: number, Hash: exampleHash}
}

func mara() record.Actor {
	return record.Actor{Kind: record.Person, Name: "Mara Thiel", Role: "technician"}
}

func exampleRecord() client.Record {
	return client.Record{Hash: exampleHash, Record: record.Record{Format: 1, Number: 7, Previous: exampleHash, Draft: record.Draft{
		Logbook: "run/" + exampleRun, Request: exampleID, Kind: record.StepDone, Received: at(9, 30), Happened: at(9, 29), By: mara(),
		Subject: record.Subject{Stage: "cord-harvest", Task: exampleTask, Step: "weigh"}, Program: "0.2.0",
		Body: []byte(`{"entries":[{"field":"mass","value":"31.4 g"}]}`),
	}}}
}

func exampleArtifact() record.Artifact {
	return record.Artifact{SHA256: exampleHash, Size: 18432, MediaType: "text/csv", Name: "plate-7.csv"}
}

func exampleRunLine() client.Run {
	return client.Run{
		ID: exampleRun, Title: "Conditioned medium, third batch", Protocol: "UC-MSC 1.2", State: "running", Stage: "cord-harvest",
		Next: "Receive the cord", Closes: at(12, 0), Open: 2, Blocked: 1, Started: at(8, 0), Records: 57, Zone: "Europe/Berlin",
	}
}

func exampleTaskLine() client.Task {
	return client.Task{
		ID: exampleTask, Run: exampleRun, Stage: "cord-harvest", Title: "Receive the cord", Role: "technician", State: "claimed",
		Holder: "Mara Thiel", Attempt: 1, Opens: at(8, 0), Nominal: at(9, 0), Closes: at(12, 0),
	}
}

func exampleLot() sample.Lot {
	return sample.Lot{Barcode: "CM-0031", Kind: "lot", Title: "Conditioned medium of " + exampleRun, State: sample.Released, Made: at(10, 0), Place: "F-80-2", By: "Mara Thiel", Last: 4}
}

func exampleActed() client.Acted {
	return client.Acted{Answer: task.Answer{Record: ref("run/"+exampleRun, 58), Phase: task.Claimed, Holder: "Mara Thiel", NextStep: "look"}}
}

func exampleLotActed() client.LotActed {
	return client.LotActed{Record: ref("lot/CM-0031", 5), State: "released", Left: "18 mL"}
}

func exampleActedPerson(link string) client.PersonActed {
	p := client.PersonActed{Name: "Eva Roth", Record: ref("lab", 12), Link: link}
	if link != "" {
		p.Expires = at(9, 0).AddDate(0, 0, 7)
	}
	return p
}

func examplePerson() client.Person {
	return client.Person{Name: "Eva Roth", FullName: "Dr. Eva Roth", Role: "technician", Email: "eva.roth@example.org", Password: true, Created: at(8, 0)}
}

func exampleToken(secret string) client.Token {
	return client.Token{ID: "tk-7F3K", Person: "Eva Roth", Scope: "act", Created: at(8, 0), Expires: at(8, 0).AddDate(0, 3, 0), Token: secret}
}

func exampleArriving() client.Arriving {
	return client.Arriving{ID: exampleID, Size: 29_100_000, Offset: 18_400_000, Expires: at(9, 0).AddDate(0, 0, 2)}
}

func size(n int64) *int64 { return &n }

// commands are what every command may be refused with beyond what all may.
func commands(more ...int) []int { return append([]int{409, 413, 415, 422}, more...) }

func operations() map[string]operation {
	all := map[string]operation{}
	for _, some := range []map[string]operation{openOperations(), runOperations(), recordOperations(), taskOperations(), lotOperations(), fileOperations(), peopleOperations()} {
		for k, v := range some {
			all[k] = v
		}
	}
	return all
}

func openOperations() map[string]operation {
	return map[string]operation{
		"GET /health": {id: "health", part: "Server", summary: "Whether the server works", about: "Needs no token.",
			out: client.Health{Status: "ok", Version: "0.2.0"}},
		"GET /openapi.json": {id: "openapi", part: "Server", summary: "This document", about: "Needs no token. It has an ETag.",
			file: "application/json", headers: []string{"ETag"}, also: []int{304}},
		"POST /password": {id: "setPassword", part: "People", summary: "Set a password by a one-time link", about: "Needs no token: the link is one. The first administrator gives a name as well.",
			in: client.Password{Link: "one-time-link", Password: "violet harbour seven"}, out: exampleActedPerson(""), problems: commands()},
		"GET /me": {id: "me", part: "People", summary: "Whose token this is", out: mara()},
	}
}

func runOperations() map[string]operation {
	tag, one := []string{"ETag"}, []int{304}
	return map[string]operation{
		"GET /runs": {id: "listRuns", part: "Runs", summary: "List the runs, the newest first", out: []client.Run{exampleRunLine()}, headers: []string{"Link"}},
		"POST /runs": {id: "launchRun", part: "Runs", summary: "Launch a run of a protocol", about: "For the role manager. Mistakes in the document are told with line and column, all at once.",
			in:  client.Launch{Document: "protocol: UC-MSC\nversion: \"1.2\"\n", Name: "study.yaml", Title: "Conditioned medium, third batch"},
			out: client.Launched{Run: exampleRun, Record: ref("run/"+exampleRun, 1)}, status: http.StatusCreated, headers: []string{"Location"}, problems: commands()},
		"GET /runs/{run}": {id: "readRun", part: "Runs", summary: "Where a run stands, its stages and open tasks",
			out: client.RunView{Run: exampleRunLine(), Stages: []client.Stage{{Stage: "cord-harvest", Title: "Cord harvest", State: "running", Started: at(8, 0)}}, Tasks: []client.Task{exampleTaskLine()}}, headers: tag, also: one},
		"POST /runs/{run}/control": {id: "controlRun", part: "Runs", summary: "Pause, resume, stop, hold a run, ask a further task, or amend its protocol", about: "For the role manager; holding also for quality. If-Match is honoured.",
			in:  client.Control{Verb: run.Pause, Reason: "the incubator is being repaired"},
			out: client.Controlled{Record: ref("run/"+exampleRun, 58), Standing: run.Standing{Paused: "the incubator is being repaired"}}, problems: commands(412)},
		"GET /runs/{run}/report": {id: "readReport", part: "Runs", summary: "The newest report of a run", about: "An HTML page that stands by itself; show it in a sandbox.", file: "text/html"},
		"GET /runs/{run}/export": {id: "exportRun", part: "Runs", summary: "The bundle of a run", about: "A tar archive: all records and files, signatures, and what is needed to compute the results again. An archive that breaks off has no end mark.", file: "application/x-tar", problems: []int{422}},
		"GET /runs/{run}/plates": {id: "readPlates", part: "Runs", summary: "The layouts that were drawn for a run", about: "Sealed groups stand there by their code only.",
			out: protocol.Plan{Blocks: []protocol.Shown{{Model: "keratinocytes", Block: "1", Groups: []protocol.Group{}, Layouts: []protocol.Layout{}, Order: []protocol.Turn{{Layout: "viability", Wells: []string{"B3", "C7"}}}}}}},
		"GET /runs/{run}/results": {id: "readResults", part: "Runs", summary: "What a run found", about: "Sealed groups stand there by their code only.",
			out: client.Results{Run: exampleRun, Sealed: true, Endpoints: []client.Endpoint{{Title: "Viability after SLS", Claim: "CM protects", Primary: true, Model: "keratinocytes", Assay: "mtt", Held: "plate 7 was read late"}},
				Plates: []client.PlateRow{{Number: 204, Assay: "mtt", Model: "keratinocytes", Block: "1", Name: "P7", Method: "mtt 1", Output: exampleHash, Summary: "12 groups", Verdict: "accept"}}}, headers: tag, also: one},
		"GET /runs/{run}/compare/{other}": {id: "compareRuns", part: "Runs", summary: "Two runs side by side, field by field",
			out: client.Compared{This: exampleRun, Other: "UCM-2026-013", Rows: []client.Differing{{Task: "Receive the cord", Field: "weigh, mass", This: client.Answered{Value: "31.4 g", Number: 7}, Other: client.Answered{Value: "29.0 g", Number: 9}, Change: "−2.4 g"}}}, headers: tag, also: one},
		"GET /runs/{run}/signature": {id: "readSignatures", part: "Runs", summary: "What a signature would cover, and the signatures that there are",
			out: client.Signatures{Run: exampleRun, Waits: &client.ToSign{Task: "task/" + exampleRun + "/review/sign-report/1", Steps: []protocol.Step{}, Over: ref("run/"+exampleRun, 240), Report: exampleHash, Manifest: exampleHash}, Signed: []client.Signed{}}, headers: tag, also: one},
		"POST /runs/{run}/signature": {id: "signRun", part: "Runs", summary: "Sign the report of a run", about: "The password is asked for at every signature. Nothing is signed if more was recorded since over was read (409), by somebody who recorded data in the run (403), or without a meaning (422).",
			in:  client.Sign{Task: "task/" + exampleRun + "/review/sign-report/1", Over: 240, Manifest: exampleHash, Answers: map[string]string{"sign.meaning": "reviewed", "sign.identity": "Aiko Vogt"}, Password: "violet harbour seven"},
			out: exampleActed(), problems: commands()},
	}
}

func recordOperations() map[string]operation {
	tag, one := []string{"ETag"}, []int{304}
	return map[string]operation{
		"GET /runs/{run}/records": {id: "listRecords", part: "Records", summary: "The records of a run, in order", out: []client.Record{exampleRecord()}, headers: []string{"Link"}},
		"GET /runs/{run}/records/{number}": {id: "readRecord", part: "Records", summary: "One record, what it was made from, what was made from it, and the notes on it",
			out: client.RecordView{Record: exampleRecord(), Up: []client.Edge{{From: client.Node{Record: ref("run/"+exampleRun, 7)}, As: "anchor", To: client.Node{Record: ref("run/"+exampleRun, 3)}}}, Down: []client.Edge{}, Notes: []client.Record{}}, headers: tag, also: one},
		"POST /runs/{run}/records/{number}/notes": {id: "pinNote", part: "Records", summary: "Pin a note to a record", about: "A record of its own: what it is about does not change. For the roles manager, reviewer, quality.",
			in: client.Note{Text: "The balance was calibrated on this day."}, out: client.Noted{Record: ref("run/"+exampleRun, 59)}, status: http.StatusCreated, problems: commands()},
		"GET /runs/{run}/history": {id: "readHistory", part: "Records", summary: "A run as it was when one of its records was the last", about: "Nothing later is told.",
			out: client.History{Run: exampleRun, At: 7, Head: 57, Next: 12, Known: []client.Fact{{Name: "Protocol", Value: "UC-MSC 1.2", Number: 1}},
				Stages: []client.StageThen{{Stage: "cord-harvest", Title: "Cord harvest", Number: 2, State: "running"}}, Open: []client.TaskThen{{ID: exampleTask, Title: "Receive the cord", Role: "technician", Asked: 3, Attempt: 1, Holder: "Mara Thiel"}},
				KeyEvents: []client.Event{{Number: 1, Kind: record.RunLaunched, Happened: at(8, 0), By: mara()}}}, headers: tag, also: one},
		"GET /runs/{run}/departures": {id: "listDepartures", part: "Records", summary: "What did not go as the protocol says, in the order of a review",
			out: []client.Departure{{Sort: "correction", Number: 9, What: "Receive the cord, weigh: mass 31.4 g", Was: "mass 13.4 g", Why: "digits were swapped", By: "Mara Thiel", Happened: at(9, 35)}}, headers: tag, also: one},
		"GET /lineage/{hash}": {id: "readLineage", part: "Records", summary: "From an artifact or record to all that it was made from, or all that was made from it",
			out: []client.Edge{{From: client.Node{Artifact: exampleHash}, As: "upload", To: client.Node{Record: ref("lab", 4)}}}},
	}
}

func taskOperations() map[string]operation {
	return map[string]operation{
		"GET /tasks": {id: "listTasks", part: "Tasks", summary: "List tasks, what is due first on top", about: "Without a state those that are open or claimed.", out: []client.Task{exampleTaskLine()}, headers: []string{"Link"}},
		"GET /tasks/{task}": {id: "readTask", part: "Tasks", summary: "All about one task: what it asks, and how it stands this moment",
			out: client.TaskView{Task: exampleTaskLine(), Spec: task.Spec{ID: exampleTask, Attempt: 1, Task: protocol.Task{ID: "receive-cord", Title: "Receive the cord", Role: "technician"}, Subject: record.Subject{Stage: "cord-harvest", Task: exampleTask}}, Now: task.State{Phase: task.Claimed, Holder: mara(), Last: 7}}, headers: []string{"ETag"}, also: []int{304}},
		"POST /tasks/{task}": {id: "actOnTask", part: "Tasks", summary: "Do one thing to a task", about: "Claim it, enter a step, complete it, and so on. Values are text, and kept as they were typed: a decimal is never rounded. What comes for a task that is over is kept as a late entry where it happened before. If-Match is honoured.",
			in: client.Act{Verb: task.Step, Step: "weigh", Happened: at(9, 29), Entries: []record.Entry{{Field: "mass", Value: "31.4 g"}}}, out: exampleActed(), problems: commands(412)},
		"POST /decisions/{task}": {id: "decide", part: "Tasks", summary: "Decide what follows a deviation", about: "For the role manager. It claims the decision's task, enters choice and reason, and completes it, all under one request ID.",
			in: client.Decide{Choice: "continue", Why: "the window was missed by four minutes, the cells are viable"}, out: exampleActed(), problems: commands()},
		"POST /keys/{task}": {id: "readKey", part: "Tasks", summary: "Which code is which group, for who holds a task that opens the key", about: "A command: that somebody saw it is recorded. Nothing keeps the answer.",
			in:  struct{}{},
			out: client.Key{Run: exampleRun, Model: "keratinocytes", Block: "1", Bottles: []client.Bottle{{Code: "K4", Wells: 6, Group: "CM10", Title: "CM 10 %"}}, Record: ref("run/"+exampleRun, 60)}, problems: commands()},
	}
}

func lotOperations() map[string]operation {
	custody := sample.Custody{Barcode: "CM-0031", Kind: "lot", State: sample.Released, Origins: []sample.Origin{{Barcode: "UC-0031", Kind: "cord", Distance: 3}}, Lines: []sample.Line{}, Stays: []sample.Stay{}, Gaps: []sample.Break{}}
	return map[string]operation{
		"GET /lots": {id: "listLots", part: "Lots", summary: "The things of which a balance is kept", out: []sample.Lot{exampleLot()}, headers: []string{"Link"}},
		"GET /lots/{barcode}": {id: "readLot", part: "Lots", summary: "All about one thing, by its barcode",
			out: client.LotView{Lot: exampleLot(), Scans: []client.Scan{}, Flags: []client.Flag{}, Ancestors: []client.Relative{{Barcode: "UC-0031", Distance: 3}}, Descendants: []client.Relative{}, Records: []client.Record{}}, headers: []string{"ETag"}, also: []int{304}},
		"POST /lots/{barcode}": {id: "actOnLot", part: "Lots", summary: "Do one thing to a lot, a vial, a reagent or a donor", about: "The verbs: add, release, reject, hold, free, draw, return, correct, write-off, count, move, hand-over, open, freeze, thaw, withdraw. If-Match is honoured.",
			in: client.LotAct{Verb: "draw", Body: record.LotAct{Amount: "2 mL", Run: exampleRun}}, out: exampleLotActed(), problems: commands(412)},
		"POST /lots/{barcode}/recall": {id: "recall", part: "Lots", summary: "Call back a thing and all that was made from it", about: "Of a donor it is the withdrawal of the consent. Answered once the recall is recorded; the walk goes on by itself.",
			in: client.Recall{Why: "the supplier recalled the serum"}, out: exampleLotActed(), problems: commands(412)},
		"GET /lots/{barcode}/custody": {id: "readCustody", part: "Lots", summary: "The chain of identity and custody of a thing", out: custody},
		"GET /places":                 {id: "listPlaces", part: "Lots", summary: "The places of which there are temperature logs", out: []sample.Place{{Place: "F-80-2", Files: 1, From: at(0, 0), To: at(12, 0)}}},
		"GET /places/{place}": {id: "readPlace", part: "Lots", summary: "For which times there are temperatures of a place",
			out: sample.PlaceView{Place: sample.Place{Place: "F-80-2", Files: 1, From: at(0, 0), To: at(12, 0)}, Coverage: sample.Coverage{Readings: 144, Fraction: 1}, Logs: []sample.PlaceFile{}}},
		"POST /places/{place}": {id: "logPlace", part: "Lots", summary: "Take a stored file as the temperature log of a place",
			in: client.PlaceLog{Artifact: exampleHash, Name: "freezer.csv", Zone: "Europe/Berlin"}, out: client.PlaceLogged{Record: ref("lab", 15), Log: record.PlaceLog{Place: "F-80-2", From: at(0, 0), To: at(12, 0), Low: "-81 Cel", High: "-79 Cel", Readings: 144, Zone: "Europe/Berlin", Source: "freezer.csv", Artifact: exampleArtifact()}}, status: http.StatusCreated, problems: commands()},
	}
}

func fileOperations() map[string]operation {
	uploads := []string{"Upload-Offset", "Upload-Length", "Upload-Complete"}
	return map[string]operation{
		"GET /artifacts": {id: "listArtifacts", part: "Files", summary: "The files that records tell of",
			out: []client.Artifact{{SHA256: exampleHash, Size: 18432, MediaType: "text/csv", Names: []string{"plate-7.csv"}, First: ref("lab", 4), Received: at(9, 0)}}, headers: []string{"Link"}},
		"POST /artifacts": {id: "storeArtifact", part: "Files", summary: "Store one file, whole", about: "The body is the raw bytes of one file of announced length, never a form. What is larger than 2 GiB, or comes over a poor network, goes through /uploads.",
			raw: "application/octet-stream", out: exampleArtifact(), status: http.StatusCreated, problems: commands()},
		"GET /artifacts/{sha256}": {id: "readArtifact", part: "Files", summary: "The bytes of a file, by their SHA-256", about: "They are held against their hash while they are sent: an answer that is whole is right. The ETag is the hash.", file: "application/octet-stream", headers: []string{"ETag"}, also: []int{304}, problems: []int{422}},
		"POST /artifacts/verify": {id: "verifyArtifacts", part: "Files", summary: "Read every file and hold it against its hash", about: "Damage is part of the answer.",
			in: struct{}{}, out: client.Verified{Checked: 412, Problems: []client.VerifyProblem{{SHA256: exampleHash, Kind: "corrupt", Detail: "the stored bytes have another SHA-256"}}}, problems: []int{413, 415}},
		"POST /uploads": {id: "beginUpload", part: "Files", summary: "Announce a file that comes in pieces", about: "The upload has the ID of the request: sent again, the same upload is answered, as far as it has come. What nobody goes on with is forgotten after two days. A person may have 16 on their way.",
			in: client.NewUpload{Name: "scan.czi", Size: size(29_100_000), SHA256: exampleHash, MediaType: "image/czi"}, out: client.Arriving{ID: exampleID, Size: 29_100_000, Expires: at(9, 0).AddDate(0, 0, 2)}, status: http.StatusCreated, headers: append([]string{"Location", "Upload-Limit"}, uploads...), problems: commands()},
		"GET /uploads/{id}": {id: "readUpload", part: "Files", summary: "How far an upload has come", about: "HEAD answers with the headers alone. A request that still sends bytes of it is cut off, so that the offset stays as it is told.", out: exampleArriving(), headers: uploads},
		"PATCH /uploads/{id}": {id: "continueUpload", part: "Files", summary: "Go on with an upload", about: "The body is the bytes behind Upload-Offset. 204 with the new offset; 201 with the artifact once it is whole. At another offset than the upload stands at: 409, and the header tells the right one. More than announced: 413. Other bytes than announced: 422, and nothing of them is kept.",
			raw: "application/partial-upload", out: exampleArtifact(), status: http.StatusCreated, also: []int{204}, headers: uploads, problems: []int{409, 413, 415, 422}},
		"DELETE /uploads/{id}": {id: "cancelUpload", part: "Files", summary: "Forget an upload that is on its way", status: http.StatusNoContent, problems: []int{409}},
	}
}

func peopleOperations() map[string]operation {
	return map[string]operation{
		"GET /people": {id: "listPeople", part: "People", summary: "Everybody with an account", out: []client.Person{examplePerson()}, problems: []int{422}},
		"POST /people": {id: "addPerson", part: "People", summary: "Give somebody an account", about: "For the role administrator. The one-time link is told once.",
			in: client.NewPerson{Name: "Eva Roth", FullName: "Dr. Eva Roth", Role: "technician", Email: "eva.roth@example.org"}, out: exampleActedPerson("one-time-link"), status: http.StatusCreated, problems: commands()},
		"POST /people/{name}": {id: "actOnPerson", part: "People", summary: "Disable, enable or reset an account, change its role, give or take its badge", about: "For the role administrator. The one-time link of reset, and the code of badge, are told once. role is for the verb role alone. Nobody disables themselves or changes their own role, and the role of who stands in the credentials file is said there.",
			in: client.PersonAct{Verb: client.ResetPerson}, out: exampleActedPerson("one-time-link"), problems: commands()},
		"GET /people/{name}/tokens": {id: "listTokens", part: "People", summary: "The tokens of a person", out: []client.Token{exampleToken("")}, problems: []int{422}},
		"POST /people/{name}/tokens": {id: "makeToken", part: "People", summary: "Make a token for scripts", about: "The token is told once.",
			in: client.NewToken{Scope: "act", Expires: at(8, 0).AddDate(0, 3, 0)}, out: exampleToken("the-token"), status: http.StatusCreated, problems: commands()},
		"POST /people/{name}/tokens/{id}/revoke": {id: "revokeToken", part: "People", summary: "End a token", in: struct{}{}, out: exampleActedPerson(""), problems: commands()},
	}
}
