//! E-mail over SMTP, with STARTTLS or TLS and a login if the server wants them.

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Refused;
use super::message::message;
use crate::clients::{secret, tls};
use crate::domain::Clean;
use crate::domain::alert::{Moment, Sending};
use crate::domain::room::{EmailSpec, Security};

/// One mail to all recipients.
pub(super) async fn send(sending: &Sending, spec: &EmailSpec) -> Result<Clean, Refused> {
    let mail = written(sending, spec)?;
    let credentials = match &spec.login {
        Some((user, password)) => {
            let password = secret::read(password).await.map_err(|error| Refused::new(&error.to_string()))?;
            Some(Credentials::new(user.clone(), password.expose_secret().to_owned()))
        }
        None => None,
    };
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&spec.host)
        .port(spec.port)
        .tls(protection(spec).await?)
        // Of each question, and of no greeting: one limit over all of them follows.
        .timeout(None);
    if let Some(credentials) = credentials {
        transport = transport.credentials(credentials);
    }
    let limit = sending.route.timeout;
    let answer = timeout(limit, transport.build().send(mail)).await;
    let answer = answer.map_err(|_late| Refused::new(&format!("no answer in {limit:?}")))?;
    let answer = answer.map_err(|error| Refused::new(&told(&error)))?;
    let said: Vec<&str> = answer.message().collect();
    Ok(Clean::new(format!("SMTP {} {}", answer.code(), said.join(" ")).trim_end()))
}

/// lettre says what failed, its source why.
fn told(error: &lettre::transport::smtp::Error) -> String {
    let words = tls::causes(error);
    match error.status() {
        Some(code) => format!("SMTP {code}: {words}"),
        None => words,
    }
}

async fn protection(spec: &EmailSpec) -> Result<Tls, Refused> {
    if spec.security == Security::Nothing {
        return Ok(Tls::None);
    }
    tls::ensure();
    let host = spec.host.clone();
    // Reads the system's certificates.
    let made = spawn_blocking(move || TlsParameters::new(host)).await;
    let made =
        made.map_err(|error| error.to_string()).and_then(|made| made.map_err(|error| error.to_string()));
    let parameters = made.map_err(|why| Refused::new(&format!("TLS: {why}")))?;
    Ok(if spec.security == Security::Tls { Tls::Wrapper(parameters) } else { Tls::Required(parameters) })
}

/// All mails of one alert stand in one thread.
fn written(sending: &Sending, spec: &EmailSpec) -> Result<Message, Refused> {
    let message = message(sending);
    let address = |text: &str| -> Result<Mailbox, Refused> {
        text.parse().map_err(|error| Refused::new(&format!("{text} is no mail address: {error}")))
    };
    let from = address(&spec.from)?;
    let domain = from.email.domain().to_owned();
    let id = |moment: Moment| {
        let raised = sending.raised_at.timestamp_millis();
        format!("<warroom-{raised}-{}-{moment}@{domain}>", sending.alert)
    };
    let mut mail = Message::builder()
        .from(from)
        .subject(message.title)
        .message_id(Some(id(sending.moment)))
        .header(ContentType::TEXT_PLAIN);
    if !matches!(sending.moment, Moment::Raised | Moment::Test) {
        mail = mail.in_reply_to(id(Moment::Raised)).references(id(Moment::Raised));
    }
    for to in &spec.to {
        mail = mail.to(address(to)?);
    }
    mail.body(message.text).map_err(|error| Refused::new(&format!("the mail cannot be written: {error}")))
}
