//! The stream that everything here is measured on: interleaved runs of five events of 305 bytes, as text frames.

/// The types of a run, in their order.
pub(crate) const TYPES: [&str; 5] =
    ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"];
/// Distinct messages; sent again and again. A step back this far is a new beginning of the sequence numbers.
pub(crate) const CYCLE: usize = 200_000;
/// Bytes of a frame with its header.
pub(crate) const FRAME: usize = TEXT + 4;

const TEXT: usize = 305;
const OPEN_AT_ONCE: usize = 50;

/// One cycle of frames, one behind the other.
pub(crate) fn frames() -> Vec<u8> {
    let mut out = Vec::with_capacity(CYCLE * FRAME);
    for seq in 0..CYCLE {
        let block = seq / (OPEN_AT_ONCE * TYPES.len());
        let within = seq % (OPEN_AT_ONCE * TYPES.len());
        let (step, run) = (within / OPEN_AT_ONCE, block * OPEN_AT_ONCE + within % OPEN_AT_ONCE);
        let kind = TYPES[step];
        let call =
            if step == 2 || step == 3 { format!(r#""call_id":"call_{run:08}","#) } else { String::new() };
        let (second, micros) = (6 + seq / 50_000, seq % 50_000 * 20);
        let mut text = format!(
            r#"{{"type":"{kind}","run_id":"{run:08x}-44d2-4c11-9d2b-0123456789ab",{call}"seq":{seq},"timestamp":"2026-11-21T04:05:{second:02}.{micros:06}Z","agent":"orders","tool_name":"search_orders","payload":{{"status":"ok","text":""#
        );
        let fill = TEXT.saturating_sub(text.len() + 3);
        text.extend(std::iter::repeat_n('x', fill));
        text.push_str("\"}}");
        assert_eq!(text.len(), TEXT, "all messages are of one length");
        push(&mut out, &text);
    }
    out
}

/// Appends a text of 126 to 65,535 bytes as a frame.
pub(crate) fn push(out: &mut Vec<u8>, text: &str) {
    out.extend([0x81, 126]);
    out.extend((text.len() as u16).to_be_bytes());
    out.extend(text.as_bytes());
}

/// What the bare reader takes out of a message: the fields that the console takes, borrowed.
#[derive(serde::Deserialize)]
pub(crate) struct Bare<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    run_id: &'a str,
    call_id: Option<&'a str>,
    seq: u64,
    timestamp: &'a str,
    agent: &'a str,
    tool_name: &'a str,
}

impl Bare<'_> {
    /// Something of every field, so that none is left unread.
    pub(crate) fn sum(&self) -> usize {
        self.kind.len()
            + self.run_id.len()
            + self.call_id.map_or(0, str::len)
            + self.seq as usize
            + self.timestamp.len()
            + self.agent.len()
            + self.tool_name.len()
    }
}
