//! Rows of a tree: folds, filters, what is put away.

use super::*;

const NOBODY: Reader<'_> = Reader { name: "sam", role: "QA" };

fn documents(sections: &[(&[&str], usize)]) -> Vec<Document> {
    let mut next = 0;
    let mut item = || {
        next += 1;
        Item {
            id: ItemId(next.to_string()),
            text: Clean::new(&format!("step {next}")),
            owner: (next % 5 == 0).then(|| "Sam (QA)".into()),
            required: next % 4 == 0,
            inferred: next % 7 == 0,
            ..Item::default()
        }
    };
    let mut section = |(path, count): &(&[&str], usize)| Section {
        path: path.iter().map(|name| Clean::new(name)).collect(),
        line: 1,
        items: (0..*count).map(|_| item()).collect(),
    };
    let sections = sections.iter().map(&mut section).collect();
    vec![Document { path: "a.md".into(), title: "Release".into(), sections, ..Document::default() }]
}

fn stand(done: &'static [usize]) -> impl Fn(&Item) -> Stand<'static> {
    move |item| {
        let settled = done.iter().any(|n| n.to_string() == item.id.0);
        Stand { standing: if settled { Standing::Settled } else { Standing::Open }, by: None }
    }
}

fn told(listing: &Listing) -> Vec<String> {
    let row = |row: &Row| match row {
        Row::Heading(at) => {
            let heading = &listing.outline().headings()[*at];
            let fold = if listing.is_folded(heading) { "+" } else { "-" };
            format!("{fold} {} {}", heading.name, listing.tally(*at).words())
        }
        Row::Item(n) => format!("{}", n + 1),
        Row::More { first, count, .. } => format!("{count} more from {}", first + 1),
    };
    listing.rows().iter().map(row).collect()
}

/// A listing after documents were read while nobody looked.
fn listed(documents: &[Document], done: &'static [usize]) -> Listing {
    let mut listing = Listing::default();
    listing.read(documents);
    listing.count(documents, stand(done));
    listing.tidy(documents, stand(done));
    listing.relist(documents, "", NOBODY, stand(done));
    listing
}

#[test]
fn what_is_finished_is_put_away_and_comes_back_when_asked_for() {
    let documents = documents(&[(&["Done"], 3), (&["Mixed"], 8)]);
    let done = &[1, 2, 3, 4, 5, 6, 7, 8, 11];
    let mut listing = listed(&documents, done);
    assert_eq!(
        told(&listing),
        ["- Release 9/11", "+ Done 3/3", "- Mixed 6/8", "4", "5", "3 more from 6", "9", "10", "11"]
    );
    assert!(listing.fold(1, false), "unfolding what folded by itself is a choice to be remembered");
    listing.unroll(2);
    listing.relist(&documents, "", NOBODY, stand(done));
    let all = told(&listing);
    assert_eq!(all.first().map(String::as_str), Some("- Release 9/11"));
    assert_eq!(all.len(), 3 + 11, "{all:?}");
    assert!(listing.fold(2, true));
    listing.relist(&documents, "", NOBODY, stand(done));
    assert_eq!(told(&listing), ["- Release 9/11", "- Done 3/3", "1", "2", "3", "+ Mixed 6/8"]);
}

#[test]
fn nothing_is_put_away_while_the_list_is_looked_at() {
    let documents = documents(&[(&["Steps"], 6)]);
    let mut listing = listed(&documents, &[]);
    let done = &[1, 2, 3, 4, 5, 6];
    listing.count(&documents, stand(done));
    listing.relist(&documents, "", NOBODY, stand(done));
    assert_eq!(told(&listing), ["- Release 6/6", "- Steps 6/6", "1", "2", "3", "4", "5", "6"]);
    listing.tidy(&documents, stand(done));
    listing.relist(&documents, "", NOBODY, stand(done));
    assert_eq!(told(&listing), ["- Release 6/6", "+ Steps 6/6"]);
    // What was put away and is open again is shown again at once.
    listing.fold(1, false);
    listing.count(&documents, stand(&[1, 2, 3, 4, 6]));
    listing.relist(&documents, "", NOBODY, stand(&[1, 2, 3, 4, 6]));
    assert_eq!(told(&listing), ["- Release 5/6", "- Steps 5/6", "1", "2", "2 more from 3", "5", "6"]);
}

#[test]
fn filters_find_items_wherever_they_are_and_leave_out_empty_headings() {
    let documents = documents(&[(&["A", "Deep"], 4), (&["B"], 4)]);
    let done = &[1, 2, 3, 4];
    let mut listing = listed(&documents, done);
    assert_eq!(told(&listing), ["- Release 4/8", "+ A 4/4", "- B 0/4", "5", "6", "7", "8"]);
    let mut show = |show: Show, filter: &str| {
        listing.set_show(show);
        listing.relist(&documents, filter, NOBODY, stand(done));
        (told(&listing).split_off(1).join(" "), listing.found())
    };
    assert_eq!(show(Show::All, "STEP 3"), ("+ A 4/4 + Deep 4/4 3".into(), 1));
    assert_eq!(show(Show::All, "deep"), ("+ A 4/4 + Deep 4/4 1 2 3 4".into(), 4));
    assert_eq!(show(Show::Open, ""), ("- B 0/4 5 6 7 8".into(), 4));
    assert_eq!(show(Show::Required, ""), ("- B 0/4 8".into(), 1));
    assert_eq!(show(Show::Mine, ""), ("- B 0/4 5".into(), 1));
    assert_eq!(show(Show::MyRole, ""), ("- B 0/4 5".into(), 1));
    assert_eq!(show(Show::Inferred, ""), ("- B 0/4 7".into(), 1));
    listing.set_show(Show::Lapsed);
    listing.relist(&documents, "", NOBODY, stand(done));
    assert_eq!((told(&listing), listing.found()), (Vec::new(), 0));
}

#[test]
fn names_are_whole_words() {
    assert!(names("@sam, Ines", "Sam") && names("Sam (QA)", "qa") && names("on-call lead", "on-call"));
    assert!(!names("Samantha", "sam") && !names("", "sam") && !names("anyone", ""));
}

#[test]
fn a_heading_that_folded_by_itself_opens_when_something_below_it_asks_again() {
    let documents = documents(&[(&["Release", "Sign-off"], 2), (&["Release", "Watch"], 1)]);
    let mut listing = listed(&documents, &[1, 2]);
    assert_eq!(told(&listing), ["- Release 2/3", "+ Sign-off 2/2", "- Watch 0/1", "3"]);
    let lapsed = |item: &Item| match &*item.id.0 {
        "2" => Stand { standing: Standing::Lapsed, by: None },
        _ => stand(&[1])(item),
    };
    // Somebody looks, so nothing is put away; but what lapsed is no longer.
    listing.count(&documents, lapsed);
    listing.relist(&documents, "", NOBODY, lapsed);
    assert_eq!(told(&listing), ["- Release 1/3", "- Sign-off 1/2", "1", "2", "- Watch 0/1", "3"]);
    assert_eq!(listing.total().lapsed, 1);
}
