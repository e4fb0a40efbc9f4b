// SPDX-License-Identifier: Apache-2.0

// What one would write with the AWS SDK for Go instead: one read-only pass over every directory of a Region.
//
//	peer IN-FLIGHT
//
// Sweeps DescribeDirectories, then reads certificates and the LDAPS setting of each directory, and prints how many
// directories were read, and how many were lost. As many connections are kept as requests are in flight.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	ds "github.com/aws/aws-sdk-go-v2/service/directoryservice"
	"github.com/aws/aws-sdk-go-v2/service/directoryservice/types"
)

// look says whether every certificate is registered and LDAPS is on.
func look(client *ds.Client, directory *string) (bool, error) {
	good := true
	pages := ds.NewListCertificatesPaginator(client, &ds.ListCertificatesInput{DirectoryId: directory})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.TODO())
		if err != nil {
			return false, err
		}
		for _, one := range page.CertificatesInfo {
			good = good && one.State == types.CertificateStateRegistered
		}
	}
	settings, err := client.DescribeLDAPSSettings(context.TODO(),
		&ds.DescribeLDAPSSettingsInput{DirectoryId: directory, Type: types.LDAPSTypeClient})
	if err != nil {
		return false, err
	}
	return good && len(settings.LDAPSSettingsInfo) > 0 &&
		settings.LDAPSSettingsInfo[0].LDAPSStatus == types.LDAPSStatusEnabled, nil
}

func sweep(client *ds.Client) ([]*string, error) {
	var found []*string
	pages := ds.NewDescribeDirectoriesPaginator(client, &ds.DescribeDirectoriesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.TODO())
		if err != nil {
			return nil, err
		}
		for _, one := range page.DirectoryDescriptions {
			found = append(found, one.DirectoryId)
		}
	}
	return found, nil
}

func newClient(flight int) (*ds.Client, error) {
	endpoint := os.Getenv("AWS_ENDPOINT_URL_DIRECTORY_SERVICE")
	resolver := aws.EndpointResolverWithOptionsFunc(func(_, region string, _ ...interface{}) (aws.Endpoint, error) {
		return aws.Endpoint{URL: endpoint, SigningRegion: region}, nil
	})
	keep := awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) {
		transport.MaxIdleConnsPerHost = flight
	})
	settings, err := config.LoadDefaultConfig(context.TODO(),
		config.WithEndpointResolverWithOptions(resolver), config.WithHTTPClient(keep))
	if err != nil {
		return nil, err
	}
	return ds.NewFromConfig(settings), nil
}

func main() {
	flight, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	client, err := newClient(flight)
	if err != nil {
		panic(err)
	}
	directories, err := sweep(client)
	if err != nil {
		panic(err)
	}
	work := make(chan *string)
	lost := make([]int, flight)
	var workers sync.WaitGroup
	for number := range lost {
		workers.Add(1)
		go func(number int) {
			defer workers.Done()
			for directory := range work {
				if _, err := look(client, directory); err != nil {
					lost[number]++
				}
			}
		}(number)
	}
	for _, directory := range directories {
		work <- directory
	}
	close(work)
	workers.Wait()
	total := 0
	for _, count := range lost {
		total += count
	}
	fmt.Println(len(directories)-total, total)
}
