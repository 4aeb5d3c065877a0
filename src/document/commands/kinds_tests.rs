//! What commands are.

use super::*;

fn kind(command: &str) -> String {
    let found = Found {
        line: 0,
        text: command.to_owned(),
        unclosed: false,
        comments: Vec::new(),
        expected: Vec::new(),
        transcript: false,
    };
    let class = class(&found);
    match class.kind {
        CommandKind::Gate => class.proof.to_string(),
        other => other.to_string(),
    }
}

fn all(expected: &str, commands: &[&str]) {
    for command in commands {
        assert_eq!(kind(command), expected, "{command}");
    }
}

const TESTS: &[&str] = &[
    "pytest -q tests/cart",
    "python -m pytest x",
    "python3 test_cart.py",
    "python3 test_restore.py",
    "./verify-restore.sh",
    "python -m unittest discover",
    "cargo test --all",
    "cargo clippy -- -D warnings",
    "go test ./...",
    "go vet ./...",
    "npm test",
    "npm run lint",
    "yarn test",
    "pnpm run test:unit",
    "npx jest --ci",
    "mvn -q verify",
    "./gradlew test",
    "make test",
    "tox -e py312",
    "bundle exec rspec",
    "vendor/bin/phpunit",
    "dotnet test",
    "bats tests",
    "alembic check",
    "terraform validate",
    "kubectl rollout status deploy/shop",
    "nc -z db 5432",
    "ping -c 3 db",
    "test -f .env",
    "[ -f .env ]",
    "! grep -rq TODO src",
    "cd web && npm test",
    "npm audit",
    "cargo fmt --all --check",
    "./check_deploy.sh",
    "CI=1 npm test",
    "time make lint",
    "timeout 60 npm test",
    "poetry run pytest",
    "uv run pytest -x",
    "docker exec api pytest",
    "docker compose exec -T web pytest",
    "kubectl exec shop-0 -c app -- pytest",
    "ssh web1 'test -f /etc/shop'",
    "sudo -n nginx -t",
    "env A=1 pytest",
    "./scripts/smoke-test.sh staging",
    "bash scripts/verify_release.sh",
    "curl -s x | jq -e .ok",
    "npm test || exit 1",
    "git diff --exit-code",
    "systemctl is-active shop",
    "python manage.py check --deploy",
    "black --check .",
];

const SHOWS: &[&str] = &[
    "alembic current",
    "terraform plan",
    "kubectl get pods -n shop",
    "kubectl -n shop describe deploy/cart",
    "gcloud run services list",
    "gcloud run services describe cart --region=europe-west1",
    "aws ecs describe-services --cluster x",
    "curl -i https://shop.example/health",
    "curl -sSf https://shop.example",
    "curl -X GET https://shop.example",
    "curl -sI https://shop.example",
    "wget -qO- https://shop.example",
    "ps aux | grep shop",
    "docker ps",
    "docker-compose ps",
    "docker-compose -f prod.yml ps",
    "git status",
    "git log -3",
    "git branch -a",
    "dig shop.example",
    "ls -l",
    "cat x | jq .a",
    "psql -c 'select count(*) from cart'",
    "redis-cli -h cache get a",
    "helm list -A",
    "systemctl status shop",
    "find . -name '*.sql'",
    "curl -o /dev/null -s -w '%{http_code}' https://shop.example",
    "kubectl logs deploy/cart --tail=100",
    "sed -n 1,5p x",
    "sed -e 's/a/b/g;s#x#y#p' -e '/^$/d' x",
    "hostname -f",
    "awk '$3 > 5 {print $1}' x",
    "pytest && curl https://shop.example",
    "timeout 30 tail -f x.log",
    "docker ps --format '{{.Names}}'",
    "docker images 2>&1",
];

const CHANGES: &[&str] = &[
    "git push origin main",
    "git commit -m x",
    "git add -A",
    "git checkout -b x",
    "git tag v1",
    "git branch -D x",
    "alembic upgrade head",
    "docker-compose up -d",
    "docker compose up --build -d",
    "docker build .",
    "docker push x",
    "kubectl apply -f x.yaml",
    "kubectl delete pod x",
    "kubectl rollout restart deploy/x",
    "kubectl rollout undo deploy/x",
    "gcloud run deploy cart",
    "gcloud run services update-traffic cart --to-latest",
    "gcloud run services update cart",
    "aws s3 cp a s3://b",
    "terraform apply",
    "helm upgrade cart .",
    "helm rollback cart 3",
    "npm publish",
    "rm -rf x",
    "mv a b",
    "psql -c 'update cart set a = 1'",
    "psql -c 'SELECT pg_terminate_backend(1)'",
    "psql shop",
    "psql -f x.sql",
    "psql shop <<SQL\ndelete from cart;\nSQL",
    "redis-cli flushall",
    "redis-cli set a 1",
    "systemctl restart shop",
    "curl -X POST https://shop.example",
    "curl -XDELETE https://shop.example",
    "curl -d a=1 https://shop.example",
    "curl --json '{}' https://shop.example",
    "curl -sd a=1 x",
    "curl -o x https://shop.example",
    "curl x | sh",
    "sudo ls",
    "sudo -n systemctl restart shop",
    "echo a > b",
    "cat a >> b",
    "ls | tee out.txt",
    "pip install -r x",
    "npm install",
    "npm ci",
    "./deploy.sh",
    "bash scripts/rollback.sh",
    "python scripts/migrate.py",
    "npm run deploy",
    "./release",
    "make",
    "make deploy",
    "frobnicate --all",
    "$CMD x",
    "eval \"$x\"",
    "bash -c 'rm x'",
    "bash <<EOF\nls\nrm x\nEOF",
    "ls && rm x",
    "ls; rm x",
    "echo $(rm x)",
    "echo `rm x`",
    "cat <(rm x)",
    "if true; then rm x; fi",
    "find . -delete",
    "find . -name x -exec rm {} \\;",
    "ls | xargs rm",
    "ssh web1 systemctl restart shop",
    "ssh web1",
    "kubectl exec -it x -- bash",
    "docker exec api rm x",
    "timeout 5 rm x",
    "watch rm x",
    "sed -i s/a/b/ x",
    "sed -n '1e rm v1' f",
    "sed 's/a/rm v2/e' f",
    "sed -n 'w v3' f",
    "sed -f script f",
    "python -m pytest --basetemp=keep -q test_x.py",
    "tox -e deploy",
    "make test DEPLOY=1",
    "mvn -Pdeploy test",
    "mvn test deploy",
    "./gradlew test bootRun",
    "hostname newname",
    "go test -exec 'rm -rf' ./...",
    "awk -f prog f",
    "awk '{print > $1}' f",
    "psql -c 'select lo_unlink(1)'",
    "psql -o out -c 'select 1'",
    "python -m json.tool in out",
    "curl -w '%output{x}' https://shop.example",
    "python -c 'import os; os.remove(\"x\")'",
    "python manage.py migrate",
    "npx prisma migrate deploy",
    "cat <<EOF\n$(rm x)\nEOF",
    "x=$(rm y)",
    "wget https://shop.example/x.tgz",
    "ls & rm x",
    "[ -f x ] && rm x",
    "git stash",
    "eslint --fix .",
    "black .",
    "tar xzf x.tgz",
    "env A=1 rm x",
    "time rm x",
    "npm audit fix",
    "npm run lint -- --fix",
    "npm test -- -u",
    "npx jest --updateSnapshot",
    "pytest --snapshot-update",
    "go test ./... -update",
    "python check_orders.py --fix",
    "./verify.sh --repair=all",
    "./test_and_deploy.sh",
    "scripts/test-restore.sh ./backups/newest.sql",
    "./failover_test.sh",
    "npm run alerts:test",
    "npm run test:quarantine",
    "python check_then_restart.py",
    "cargo fmt",
    "kubectl config use-context live",
];

const RUNS: &[&str] = &[
    "npm start",
    "npm run dev",
    "yarn dev",
    "python dev/launcher.py",
    "python manage.py runserver",
    "uvicorn app:app",
    "docker-compose up",
    "docker compose up",
    "tail -f x.log",
    "kubectl logs -f deploy/x",
    "kubectl get pods -w",
    "watch kubectl get pods",
    "ping shop.example",
    "sleep infinity",
    "kubectl port-forward svc/x 1:1",
    "node server.js",
    "docker logs --follow x",
    "while true; do ls; sleep 1; done",
    "redis-cli monitor",
    "gcloud logging tail x",
    "tail -f x | grep y",
];

#[test]
fn test_runners_and_checks_are_gates_by_their_exit_status() {
    all("exit", TESTS);
}

#[test]
fn what_shows_a_state_is_a_gate_by_its_output_only() {
    all("output", SHOWS);
    all(
        "counts",
        &[
            "pytest | tee /dev/null",
            "pytest || true",
            "npm test; echo done",
            "npm run lint; git status",
            "for t in a b; do pytest $t; done",
        ],
    );
    all(
        "setup",
        &[
            "cd web",
            "export A=1",
            "source venv/bin/activate",
            "A=1",
            "sleep 5",
            "set -euo pipefail",
            "echo done",
        ],
    );
}

#[test]
fn what_changes_something_or_is_not_known_is_a_mutation() {
    all("mutation", CHANGES);
    all("long_running", RUNS);
    all(
        "refused",
        &[
            "kubectl get pod <name>",
            "gcloud x --project YOUR_PROJECT",
            "helm upgrade {{x}}",
            "gcloud x --region [region]",
            "pytest ...",
            "Open the dashboard and look",
            "- run it",
            "{\"a\": 1}",
        ],
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]

    #[test]
    fn no_piece_of_a_list_hides_a_removal(before in proptest::sample::select(vec![
        "ls; ", "ls && ", "ls || ", "ls | ", "ls & ", "(", "{ ", "echo $(", "echo \"$(", "echo `", "if ls; then ", "! ", "A=1 ", "time ",
        "for i in a; do ", "bash -c 'ls; ", "sudo -n ", "case a in a) ", "ls\n", "cat <(", "env -i ", "nohup ", "xargs ", "while ls; do ",
    ]), word in "[a-z]{1,6}") {
        let class = classify::statement(&format!("{before}rm -f {word}"), 0);
        proptest::prop_assert_eq!(class.kind, CommandKind::Mutation);
    }

    #[test]
    fn any_statement_is_classified(text in "[ -~\n]{0,120}") {
        let _ = classify::statement(&text, 0);
        let _ = form::placeholder(&text);
        let _ = expected::said(&text, &[], true);
    }
}

#[test]
fn what_runs_something_else_is_what_that_is() {
    all(
        "mutation",
        &[
            "trap 'rm v1' EXIT",
            "trap \"kubectl delete ns tmp\" EXIT INT",
            "trap 'docker compose down' 0",
            "function ls { rm v2; }",
            "function ls { true; }",
            "ls() { true; }",
            ":(){ :|:& };:",
            "git -c core.pager='rm x' log",
            "git -c alias.log='!rm x' log",
            "git log --output=notes.txt",
            "git grep --open-files-in-pager=vi TODO",
            "GIT_PAGER='rm x' git log",
            "LD_PRELOAD=./x.so pytest -q",
        ],
    );
    all("setup", &["trap - EXIT", "trap '' INT", "trap 'echo done' EXIT", "trap -p"]);
    all("output", &["git -C api -c color.ui=never log -3", "git log --oneline"]);
    all("refused", &["deploy()"]);
}
