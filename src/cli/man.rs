//! The man page: a chapter for each command.

/// One page with all commands and their options.
pub(super) fn page(mut command: clap::Command) -> Vec<u8> {
    command.build();
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let _ = clap_mangen::Man::new(command.clone()).render(&mut page);
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        page.extend_from_slice(chapter(sub).as_bytes());
    }
    page
}

/// A command as a chapter of that page, without the flags that every command has.
fn chapter(command: &clap::Command) -> String {
    let own = command.clone().mut_args(|arg| {
        let everywhere = arg.is_global_set() || arg.get_id() == "help";
        arg.hide(everywhere)
    });
    let man = clap_mangen::Man::new(own);
    let mut text = Vec::new();
    let _ = man.render_synopsis_section(&mut text);
    let _ = man.render_description_section(&mut text);
    let _ = man.render_options_section(&mut text);
    let mut chapter = format!(".SH \"WARROOM {}\"\n", command.get_name().to_uppercase());
    for line in String::from_utf8_lossy(&text).lines() {
        match line.strip_prefix(".SH ") {
            Some(heading) => chapter.push_str(&format!(".SS {heading}\n")),
            // Each section begins with how an apostrophe is set, which the page has said.
            None if line.starts_with(".ie ") || line.starts_with(".el ") => {}
            None => chapter.push_str(&format!("{line}\n")),
        }
    }
    chapter
}
