"""Training as a job: on a GPU, on several machines, in the cloud. See README.md and CLOUD.md."""
