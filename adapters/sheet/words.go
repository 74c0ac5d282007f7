package sheet

import "github.com/clickbook/clickbook/domain/appointment"

// Known is a field with the names of its columns in English, German, French, Spanish and Portuguese.
type Known struct {
	Field Field
	What  string // how errors call it
	names string // as keys (fold.Key)
}

// Fields lists all fields in the order of the columns in our own sheets.
var Fields = []Known{
	{ID, "the appointment's id", `id uid appointmentid bookingid terminid terminnummer buchungsnummer
		idrendezvous numerorendezvous idreservation idcita idreserva idagendamento codigo`},
	{ClientName, "the client's name", `clientname client name customername customer patientname patient fullname
		kunde kundin kundenname patientin patientenname klient klientin klientenname
		nom nomclient nomduclient nomcomplet nompatient nomdupatient
		nombre nombrecliente nombredelcliente nombrecompleto nombrepaciente nombredelpaciente clienta
		cliente nomedocliente nomecliente nome nomecompleto paciente nomedopaciente nomepaciente`},
	{FirstName, "the client's first name", `firstname givenname forename clientfirstname customerfirstname
		patientfirstname vorname prenom primernombre nombredepila primeironome prenome`},
	{LastName, "the client's last name", `lastname surname familyname clientlastname customerlastname patientlastname
		nachname familienname zuname nomdefamille apellido apellidos sobrenome apelido ultimonome`},
	{Phone, "the phone number", `phone phonenumber clientphone mobile mobilephone mobilenumber cell cellphone telephone
		tel telefonnummer handy handynummer mobil mobilnummer mobiltelefon rufnummer telnr telefonnr
		portable telephoneportable numerodetelephone telefono movil telefonomovil numerodetelefono
		telefon telefone telemovel celular fone numerodetelefone whatsapp`},
	{Email, "the email address", `email emailaddress clientemail mail emailadresse mailadresse
		courriel adresseemail adressemail adresseelectronique correo correoelectronico direcciondecorreo
		correioeletronico enderecodeemail`},
	{Service, "the service", `service servicename treatment appointmenttype leistung behandlung dienstleistung terminart
		prestation soin typederendezvous servicio tratamiento tipodecita servico procedimento tipo tratamento`},
	{Resource, "the resource", `resource resourcename staff staffmember provider practitioner employee room location with
		mitarbeiter mitarbeiterin behandler behandlerin therapeut therapeutin arzt raum zimmer ressource
		praticien praticienne salle employe profesional empleado medico sala profissional atendente recurso`},
	{Units, "the units taken", `unitstaken units seats einheiten platze places unidades plazas cupos vagas`},
	{Start, "the start", `start starts startsat startat begin from appointmentstart datetime beginn von terminbeginn termin
		debut rendezvous datehoraire dateetheure inicio comienzo desde fechahora fechayhora datahora datahorainicio`},
	{Date, "the date", `date startdate appointmentdate dateofappointment datum termindatum startdatum
		daterendezvous datedurendezvous datededebut fecha fechacita fechadelacita fechainicio fechadeinicio
		data datainicio datadeinicio datadaconsulta`},
	{Time, "the time of day", `time starttime appointmenttime timeofday uhrzeit zeit startzeit terminzeit
		heure heuredebut heurededebut heuredurendezvous hora horacita horainicio horadeinicio horario`},
	{End, "the end", `end ends endsat endat finish until appointmentend ende bis terminende fin jusqua hasta
		fim termino ate`},
	{EndDate, "the date of the end", `enddate enddatum datefin datedefin fechafin fechadefin datafim datatermino`},
	{EndTime, "the time of the end", `endtime endzeit heurefin heuredefin horafin horadefin horafim horatermino`},
	{Duration, "the duration", `duration durationmin durationmins durationminutes minutes length
		dauer dauermin dauerminuten dauerinminuten minuten duree dureemin dureeminutes dureeenminutes
		duracion duracionmin duracionminutos duracionenminutos duracao minutos duracaomin duracaominutos`},
	{Status, "the status", `status state appointmentstatus terminstatus zustand statut etat estado estatus situacion
		situacao`},
	{BookedAt, "when it was booked", `bookedat bookedon booked created createdat createdon scheduledat scheduledday
		gebuchtam gebucht erstelltam angelegtam buchungsdatum reservele creele datedecreation datedereservation
		reservadoel creadoel fechadecreacion fechadereserva
		agendadoem criadoem datadecriacao datadoagendamento marcadoem`},
	{Zone, "the time zone", `zone timezone tz tzid zeitzone fuseau fuseauhoraire zonahoraria husohorario fuso
		fusohorario`},
	{Country, "the country", "country countrycode land pays pais"},
	{Notes, "notes", `notes note comment comments remark remarks notiz notizen bemerkung bemerkungen kommentar kommentare
		anmerkung anmerkungen hinweis remarque remarques commentaire commentaires nota notas observacion observaciones
		comentario comentarios observacao observacoes obs anotacao anotacoes`},
}

// statuses maps each FHIR status to the keys of the words that other programs use for it.
var statuses = map[appointment.Status]string{
	appointment.StatusBooked: `booked confirmed scheduled planned accepted active
		gebucht bestatigt geplant vereinbart reserviert reserve reservee confirme confirmee prevu prevue planifie planifiee
		reservado reservada programado programada agendado agendada marcado marcada confirmado confirmada`,
	appointment.StatusArrived: `arrived checkedin waiting inprogress angekommen anwesend eingecheckt wartet wartend
		arrive arrivee enregistre enregistree llego enespera ensala chegou presente ematendimento aguardando`,
	appointment.StatusFulfilled: `fulfilled completed complete attended done finished
		abgeschlossen erledigt durchgefuhrt stattgefunden wahrgenommen erschienen beendet
		termine terminee effectue effectuee realise realisee honore honoree venu venue
		completado completada finalizado finalizada terminado terminada asistio cumplido cumplida
		realizado realizada atendido atendida concluido concluida compareceu`,
	appointment.StatusCancelled: `cancelled canceled storniert abgesagt annule annulee anulado anulada
		cancelado cancelada desmarcado desmarcada`,
	appointment.StatusNoShow: `noshow missed absent didnotattend dna
		nichterschienen nichtgekommen nichtwahrgenommen versaumt verpasst ferngeblieben unentschuldigt
		absente nonvenu nonvenue nonhonore nonhonoree nonpresente nonpresentee manque lapin
		noasistio nosepresento nopresentado inasistencia falto
		faltou falta naocompareceu ausente`,
}

// absent lists the keys of what people write into a cell that they leave empty. It is not for names.
const absent = `ka keineangabe keine keiner unbekannt ohne na none null nil nan unknown missing nc nr aucun aucune
	inconnu sd ninguno ninguna desconocido sindatos sintelefono sn nd sem nenhum nenhuma semtelefone desconhecido
	naoinformado`

// months lists the keys of the months' names and their abbreviations.
var months = [12]string{
	`january jan januar janner janvier janv enero ene janeiro`,
	`february feb februar fevrier fevr fev febrero fevereiro`,
	`march mar marz mrz mars marzo marco`,
	`april apr avril avr abril abr`,
	`may mai mayo maio`,
	`june jun juni juin junio junho`,
	`july jul juli juillet juil julio julho`,
	`august aug aout agosto ago`,
	`september sep sept septembre septiembre set setembro`,
	`october oct oktober okt octobre octubre outubro out`,
	`november nov novembre noviembre novembro`,
	`december dec dezember dez decembre diciembre dic dezembro`,
}

// weekdays lists the keys of the days' names. They are skipped, because the date says the day.
const weekdays = `monday mon montag mo lundi lun lunes segunda segundafeira seg
	tuesday tue tues dienstag di mardi mar martes terca tercafeira ter
	wednesday wed mittwoch mi mercredi mer miercoles mie quarta quartafeira qua
	thursday thu thur thurs donnerstag do jeudi jeu jueves jue quinta quintafeira qui
	friday fri freitag fr vendredi ven viernes vie sexta sextafeira sex
	saturday sat samstag sonnabend sa samedi sam sabado sab
	sunday sun sonntag so dimanche dim domingo dom`
