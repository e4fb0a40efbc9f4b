/* SPDX-License-Identifier: Apache-2.0 */
/* Which commit a folder is at: what git writes, in every form, and what nobody should trust. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "edge/git-revision.h"

#define A "0123456789abcdef0123456789abcdef01234567"
#define B "89abcdef0123456789abcdef0123456789abcdef"
/* with A: as long as a SHA-256 */
#define C "456789abcdef012345678901"

static const struct {
	const char *said, *made;	    /* by a shell in an empty folder */
	const char *path, *commit, *branch; /* commit NULL: none is told */
} cases[] = {
	{"no work tree", "mkdir conf && touch conf/f", "conf/f", NULL, ""},
	{"a branch in a file of its own",
		"mkdir -p .git/refs/heads && echo 'ref: refs/heads/main' >.git/HEAD && "
		"echo " A " >.git/refs/heads/main && touch f",
		"f", A, "main"},
	{"below the top of the work tree",
		"mkdir -p .git/refs/heads etc/here && echo 'ref: refs/heads/main' >.git/HEAD && "
		"echo " A " >.git/refs/heads/main && touch etc/here/f",
		"etc/here/f", A, "main"},
	{"through a symbolic link",
		"mkdir -p tree/.git && echo " A
		" >tree/.git/HEAD && touch tree/f && ln -s tree/f l",
		"l", A, ""},
	{"a branch with slashes",
		"mkdir -p .git/refs/heads/team && echo 'ref: refs/heads/team/x' >.git/HEAD && "
		"echo " A " >.git/refs/heads/team/x && touch f",
		"f", A, "team/x"},
	{"packed references",
		"mkdir .git && echo 'ref: refs/heads/main' >.git/HEAD && touch f && "
		"printf '# pack-refs with: peeled\\n" B " refs/heads/mai\\n" B
		" refs/heads/main2\\n" A " refs/heads/main\\n^" B "\\n' >.git/packed-refs",
		"f", A, "main"},
	{"a file is newer than what was packed",
		"mkdir -p .git/refs/heads && echo 'ref: refs/heads/main' >.git/HEAD && touch f && "
		"echo '" B " refs/heads/main' >.git/packed-refs && echo " A
		" >.git/refs/heads/main",
		"f", A, "main"},
	{"a commit without a branch", "mkdir .git && echo " A " >.git/HEAD && touch f", "f", A, ""},
	{"a commit of SHA-256", "mkdir .git && echo " A C " >.git/HEAD && touch f", "f", A C, ""},
	{"of no length that is", "mkdir .git && echo " A B " >.git/HEAD && touch f", "f", NULL, ""},
	{"a worktree of another",
		"mkdir -p r/.git/worktrees/w r/.git/refs/heads w && echo 'gitdir: "
		"../r/.git/worktrees/w' "
		">w/.git && echo 'ref: refs/heads/side' >r/.git/worktrees/w/HEAD && "
		"echo ../.. >r/.git/worktrees/w/commondir && echo " A " >r/.git/refs/heads/side && "
		"echo " B " >r/.git/HEAD && touch w/f",
		"w/f", A, "side"},
	{"nothing committed yet", "mkdir .git && echo 'ref: refs/heads/main' >.git/HEAD && touch f",
		"f", NULL, ""},
	{"references kept in another way",
		"mkdir -p .git/refs && echo 'ref: refs/heads/.invalid' >.git/HEAD && touch f", "f",
		NULL, ""},
	{"a reference that leads out",
		"mkdir -p .git/refs && echo 'ref: refs/../../secret' >.git/HEAD && echo " A
		" >secret && touch f",
		"f", NULL, ""},
	{"something else than a reference",
		"mkdir .git && echo 'ref: index' >.git/HEAD && echo " A " >.git/index && touch f",
		"f", NULL, ""},
	{"references in a circle",
		"mkdir -p .git/refs && echo 'ref: refs/a' >.git/HEAD && echo 'ref: refs/a' "
		">.git/refs/a "
		"&& touch f",
		"f", NULL, ""},
	{"no commit", "mkdir .git && echo nonsense >.git/HEAD && touch f", "f", NULL, ""},
	{"an empty HEAD", "mkdir .git && : >.git/HEAD && touch f", "f", NULL, ""},
	{"a folder of that name without a HEAD",
		"mkdir -p .git sub/.git && echo " A " >.git/HEAD && touch sub/f", "sub/f", A, ""},
	{"a broken file .git", "echo hello >.git && touch f", "f", NULL, ""},
};

static char place[64];

static void made(const char *command)
{
	memcpy(place, "/tmp/test-git.XXXXXX", sizeof("/tmp/test-git.XXXXXX"));
	assert_non_null(mkdtemp(place));
	assert_int_equal(chdir(place), 0);
	assert_int_equal((system)(command), 0);
}

static void gone(void)
{
	char command[128];

	assert_int_equal(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf %s", place);
	assert_int_equal((system)(command), 0);
}

static void the_commit_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct git_revision revision = {.commit = "untouched"};
		bool found;

		made(cases[i].made);
		found = git_revision_read(cases[i].path, &revision);
		if (found != (cases[i].commit != NULL) ||
			strcmp(revision.commit, found ? cases[i].commit : "untouched") != 0 ||
			(found && strcmp(revision.branch, cases[i].branch) != 0))
			fail_msg("%s: found \"%s\" of \"%s\"", cases[i].said, revision.commit,
				revision.branch);
		gone();
	}
}

/* What git itself writes, where there is a git. */
static void it_agrees_with_git(void **state)
{
	struct git_revision revision;
	char told[GIT_COMMIT_SIZE] = "";
	FILE *file;

	(void)state;
	if ((system)("git --version >/dev/null 2>&1") != 0)
		skip();
	made("git init -q . && git checkout -q -b trunk && touch f && git add f && "
	     "git -c user.name=a -c user.email=a@example.com commit -q -m a && "
	     "git worktree add -q ../$(basename $PWD)/w -b side && git rev-parse HEAD >told && "
	     "git pack-refs --all");
	file = fopen("told", "r");
	assert_non_null(file);
	assert_non_null(fgets(told, sizeof(told), file));
	fclose(file);
	told[strcspn(told, "\n")] = '\0';
	assert_true(git_revision_read("f", &revision));
	assert_string_equal(revision.commit, told);
	assert_string_equal(revision.branch, "trunk");
	assert_true(git_revision_read("w/f", &revision));
	assert_string_equal(revision.commit, told);
	assert_string_equal(revision.branch, "side");
	gone();
}

static void a_checkout_under_way_is_seen(void **state)
{
	(void)state;
	made("mkdir .git && echo " A " >.git/HEAD && touch f .git/index.lock");
	assert_true(git_revision_busy("f"));
	assert_int_equal(unlink(".git/index.lock"), 0);
	assert_false(git_revision_busy("f"));
	gone();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_commit_is_told),
		cmocka_unit_test(it_agrees_with_git),
		cmocka_unit_test(a_checkout_under_way_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
