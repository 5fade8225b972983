//! `man`: one page, the subcommands as sections.

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::app::args::Args;
use crate::app::console::{Console, Done};

/// Prints the manual page.
pub fn run(console: &mut Console<'_>) -> anyhow::Result<Done> {
    let mut command = Args::command();
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        section(&mut page, sub)?;
    }
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    console.out.write_all(&page)?;
    Ok(Done::Yes)
}

/// A subcommand as a section of its own, its parts as subsections.
fn section(page: &mut Vec<u8>, sub: &clap::Command) -> std::io::Result<()> {
    let man = Man::new(sub.clone());
    let mut parts = Vec::new();
    man.render_synopsis_section(&mut parts)?;
    man.render_description_section(&mut parts)?;
    man.render_options_section(&mut parts)?;
    man.render_extra_section(&mut parts)?;
    let title = format!(".SH \"{}\"\n", sub.get_name().to_uppercase());
    page.extend_from_slice(title.as_bytes());
    let parts = String::from_utf8_lossy(&parts).replace(".SH ", ".SS ");
    page.extend_from_slice(parts.as_bytes());
    Ok(())
}
