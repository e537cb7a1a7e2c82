// The front door for programs: all that they import, under one name. Holds nothing of its own;
// importing it loads neither the command nor code of schedulers and workers.
export * from "@acme/client";
export * from "@acme/jobqueue";
