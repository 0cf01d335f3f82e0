package agent

// DataDirs are directories, relative to [Dir], that an agent writes into. What
// an image has in them is of no use to the agent.
//
// Source: the vendor's agents; datastorage is there since 1.221.
var DataDirs = []string{"log", "datastorage"}
