// Package command reads the commands that people write in comments, such as `/done`, and
// judges whether they are carried out. It is pure: it asks neither forge nor clock.
//
// What holds for every command:
//
//   - Only the first line of a comment is read, and only where it begins with a slash. A
//     comment that was edited is refused, since whoever edits need not be who wrote it.
//   - Who may do what follows from the files at the default branch: the author has to be a
//     person in them, and to have the role that the step asks for. Besides, the forge has to
//     say that the login has the permission on the repository which the organization wants;
//     that is asked by the caller, last, and a forge that does not answer means no.
//   - Comments by programs, by people who are not in the files, and on issues that are not
//     ours are passed over in silence, however much they look like commands.
//   - A command never changes a file. What it does is an event of the ledger, by the id of
//     the comment, so that it counts once, however often it is read.
package command
