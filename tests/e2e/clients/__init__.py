"""The clients of the original protocol, emulated: one class for each row of the client matrix
(web page, C++, two in Go, Java, C#, JavaScript, the first command line program). Each sends what
that client sends, down to the header fields of its HTTP library, at that client's rhythm, and
accepts only what that client accepts. Written from what is known of their behaviour, not from
their code."""
