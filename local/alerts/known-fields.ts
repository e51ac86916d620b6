/** The fields that documentation and captures of each shape show, in lower case. `*`: what is inside is free. */
const entity = `
  $id $ref type address location.* threatintelligence.* name ntdomain upnsuffix aadtenantid aaduserid sid host.* isdomainjoined logonid isvalid
  hostname dnsdomain netbiosname azureid omsagentid osfamily osversion resourceid sourceaddress.* destinationaddress.* sourceport destinationport
  protocol domainname ipadresses.* ipaddresses.* hostipaddress.* dnsserverip.* url directory filehashes.* algorithm value processid commandline
  imagefile.* account.* parentprocess.* creationtimeutc elevationtoken category files.* sessionid starttimeutc endtimeutc hive key etag
  blobcontainer.* storageresource.* asset count role mergebykey puid objectguid displayname containerid resourcetype resourcename metadata.* friendlyname cloudresource.* accounttype roles`;

const defenderForCloud = `
  version alerttype systemalertid productname productcomponentname vendorname alertdisplayname description severity intent status starttimeutc
  endtimeutc timegeneratedutc processingendtimeutc resourceidentifiers resourceidentifiers[].* compromisedentity entities extendedproperties
  extendedproperties.* extendedlinks extendedlinks[].* remediationsteps alerturi isincident correlationkey techniques subtechniques
  supportingevidence supportingevidence.* ${inEach("entities", entity)}`;

const flat = `${defenderForCloud} reportedseverity provideralertstatus provideralertid timegenerated processingendtime agentid workspaceid
  workspacesubscriptionid workspaceresourcegroup azureresourceid azureresourcesubscriptionid confidencelevel confidencescore confidencereasons
  confidencereasons[].*`;

const graphEvidence = `@odata.type at_sign_odata_type createddatetime verdict remediationstatus remediationstatusdetails roles detailedroles tags
  detectionstatus mdedeviceid useraccount useraccount.* filedetails.* imagefile.* parentprocessimagefile.* firstseendatetime azureaddeviceid
  devicednsname hostname ntdomain dnsdomain osplatform osbuild version healthstatus riskscore rbacgroupid rbacgroupname onboardingstatus
  defenderavstatus ipinterfaces lastipaddress lastexternalipaddress loggedonusers.* vmmetadata vmmetadata.* resourceaccessevents.* processid
  parentprocessid processcommandline processcreationdatetime parentprocesscreationdatetime registrykey registryhive registryvalue registryvaluename
  registryvaluetype ipaddress countrylettercode location.* stream.* appid serviceprincipalobjectid serviceprincipalname serviceprincipaltype
  appownertenantid tenantid objectid displayname publisher instanceid instancename saasappid resourceid resourcename resourcetype account.*
  sessionid useragent browser devicename operatingsystem previouslogondatetime protocol startutcdatetime endutcdatetime requestid sourceaddress.*
  destinationaddress.* sourceport destinationport domainname ipaddresses.* dnsserverip.* hostipaddress.* macaddress host.* signaturehash signedwith
  permissions expirydatetime startdatetime allowedipaddresses.* allowedprotocols allowedresourcetypes allowedservices storageresource.* url
  primaryaddress userprincipalname networkmessageid internetmessageid subject senderip p1sender.* p2sender.* recipientemailaddress receiveddatetime
  deliveryaction deliverylocation urls urlcount threats threatdetectionmethods antispamdirection attachmentscount language urn name category files.*
  processes.* blobcontainer.* etag filehashes.* algorithm value`;

/** Also where some collectors write one record in the place of the list. */
const endpointEvidence = `entitytype evidencecreationtime sha1 sha256 filename filepath processid processcommandline processcreationtime
  parentprocessid parentprocesscreationtime parentprocessfilename parentprocessfilepath ipaddress url registrykey registryhive registryvaluetype
  registryvalue registryvaluename accountname domainname usersid aaduserid userprincipalname detectionstatus`;

/** By the names of the detection table. */
export const knownFields: Readonly<Record<string, ReadonlySet<string>>> = {
  "ARM alert 2022-01-01": fields(`id name type properties ${under("properties", defenderForCloud)}`),
  "ARM alert 2019-01-01": fields(
    `id name type properties ${under(
      "properties",
      `${defenderForCloud} alertname detectedtimeutc actiontaken reportedseverity associatedresource subscriptionid instanceid state
    reportedtimeutc confidencescore confidencereasons confidencereasons[].* canbeinvestigated systemsource`,
    )}`,
  ),
  "flat alert": fields(flat),
  "Log Analytics row":
    fields(`${flat} tenantid provideralertid vendororiginalid providername alertname displayname alertlink alertseverity
    sourcecomputerid resourceid tactics type starttime endtime sourcesystem workspaceid _resourceid _subscriptionid`),
  "Activity Log record":
    fields(`channels correlationid description eventdataid eventname eventname.* category category.* eventtimestamp id level
    operationid operationname operationname.* resourcegroupname resourceprovidername resourceprovidername.* resourcetype resourcetype.* resourceid
    status status.* substatus substatus.* submissiontimestamp subscriptionid properties properties.* relatedevents caller claims claims.*
    authorization authorization.* tenantid`),
  "Graph alert":
    fields(`@odata.type @odata.context id provideralertid incidentid status severity classification determination servicesource
    detectionsource detectorid alertpolicyid tenantid title description recommendedactions category assignedto alertweburl incidentweburl
    actordisplayname threatdisplayname threatfamilyname mitretechniques createddatetime lastupdatedatetime resolveddatetime firstactivitydatetime
    lastactivitydatetime comments comments[].* evidence systemtags productname additionaldata additionaldata.* customdetails customdetails.*
    investigationstate ${inEach("evidence", graphEvidence)}`),
  "Defender for Endpoint alert":
    fields(`@odata.context id incidentid investigationid assignedto severity status classification determination
    investigationstate detectionsource detectorid category threatfamilyname threatname title description alertcreationtime firsteventtime
    lasteventtime lastupdatetime resolvedtime machineid computerdnsname rbacgroupname aadtenantid mitretechniques relateduser relateduser.* comments
    comments[].* evidence loggedonusers loggedonusers[].* domains domains[].* alertuser.* alertfiles[].* alertdomains[].* alertips[].*
    ${inEach("evidence", endpointEvidence)} ${under("evidence", endpointEvidence)}`),
  "Defender for Cloud Apps alert":
    fields(`_id contextid description entities idvalue issystemalert ismarkdown ispreview resolutionstatusvalue
    severityvalue statusvalue stories threatscore timestamp title comment handledbyuser resolvetime url intent policy policy.* evidence
    evidence[].* audits closetime severity status ${inEach(
      "entities",
      "type id label pa em inst saas entitytype entityrole policytype role",
    )}`),
  "Office 365 activity record":
    fields(`creationtime id operation organizationid recordtype resultstatus userkey usertype version workload clientip
    clientips objectid userid alertid alerttype alertname alertseverity alerturi alertdisplayname severity category data source status name policyid
    policyname entitytype comments alertlinks alertlinks[].* alertentityid`),
  "Sentinel incident":
    fields(`id name etag type properties properties.* eventuniqueid objectschematype objecteventtype workspaceinfo workspaceinfo.*
    workspaceid object object.* incidentupdates.*`),
  "XDR stream record": fields(
    `time tenantid tenant operationname category _timereceivedbysvc properties ${under(
      "properties",
      `timestamp alertid title category categories severity servicesource detectionsource attacktechniques machinegroup entitytype evidencerole
    evidencedirection filename folderpath sha1 sha256 filesize threatfamily remoteip remoteurl accountname accountdomain accountsid accountobjectid
    accountupn deviceid devicename localip networkmessageid emailsubject application applicationid oauthapplicationid processcommandline
    additionalfields registrykey registryvaluename registryvaluedata cloudplatform cloudresource resourceid resourcetype subscriptionid reportid`,
    )}`,
  ),
  "XDR incident":
    fields(`@odata.context incidentid incidenturi redirectincidentid incidentname createdtime lastupdatetime assignedto classification
    determination status severity tags comments comments[].* alerts alerts[].*`),
  "malware scan result": fields(
    `correlationid bloburi etag scanfinishedtimeutc scanresulttype scanresultdetails scanresultdetails.*`,
  ),
};

function fields(list: string): ReadonlySet<string> {
  return new Set(
    list
      .split(/\s+/)
      .filter(Boolean)
      .flatMap((name) => (name.endsWith(".*") ? [name, name.slice(0, -2)] : [name])),
  );
}

function under(prefix: string, list: string): string {
  return list
    .split(/\s+/)
    .filter(Boolean)
    .map((name) => `${prefix}.${name}`)
    .join(" ");
}

function inEach(name: string, list: string): string {
  return under(`${name}[]`, list);
}
